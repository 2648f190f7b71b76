//! Names of nobody in particular, as they are heard in Central Sulawesi.

use super::dice::Dice;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sex {
    Man,
    Woman,
}

/// Where a family comes from: given names, and what follows them.
struct Stock {
    /// Of a hundred people.
    share: i32,
    muslim: bool,
    men: (&'static [&'static str], &'static [&'static str]),
    women: (&'static [&'static str], &'static [&'static str]),
}

const KAILI: &[&str] = &[
    "Lasimpala",
    "Labaso",
    "Landusa",
    "Tandaju",
    "Mangge",
    "Pettalolo",
    "Lamusa",
    "Lapasere",
    "Yotolembah",
    "Palimbui",
    "Lagarusu",
    "Matandatu",
    "Tobigo",
    "Ranggialo",
    "Pawara",
    "Marotja",
    "Tjatjo",
    "Lawenga",
    "Sausu",
];
const PAMONA: &[&str] = &[
    "Tobondo",
    "Mondolu",
    "Tandawuya",
    "Pebadja",
    "Pasambaka",
    "Tolala",
    "Rongko",
    "Kabose",
    "Tomana",
    "Bulili",
    "Gintu",
    "Tasiabe",
    "Poibi",
    "Mogadi",
    "Ntoma",
    "Tadanugi",
    "Botilangi",
    "Penyami",
];
const BUGIS: &[&str] = &[
    "Rahim",
    "Saleng",
    "Pallawa",
    "Makkulau",
    "Mattola",
    "Sangkala",
    "Parani",
    "Tahir",
    "Palinrungi",
    "Mappeasse",
    "Latif",
    "Bennu",
];
const MINAHASA: &[&str] = &[
    "Rumengan",
    "Lolowang",
    "Tumbelaka",
    "Tandi",
    "Palullungan",
    "Sampe",
    "Rante",
    "Kalalo",
    "Mokodaser",
    "Runtu",
];

const STOCKS: [Stock; 6] = [
    Stock {
        share: 36,
        muslim: true,
        men: (
            &[
                "Moh. Rizal",
                "Abdul Rahman",
                "Ahmad Fauzi",
                "Ruslan",
                "Irfan",
                "Zulkifli",
                "Hasanuddin",
                "Syamsul Bahri",
                "Idris",
                "Taufik",
                "Arman",
                "Nasir",
                "Rahmat",
                "Fadlan",
                "Iskandar",
                "Usman",
            ],
            KAILI,
        ),
        women: (
            &[
                "Sitti Aminah",
                "Nur Aisyah",
                "Hasna",
                "Nurlaela",
                "Rosdiana",
                "Mariam",
                "Fatimah",
                "Hartina",
                "Nirmala",
                "Zahra",
                "Asmawati",
                "Ramlah",
                "Salma",
                "Nurhayati",
                "Wahida",
                "Dahlia",
            ],
            KAILI,
        ),
    },
    Stock {
        share: 22,
        muslim: false,
        men: (
            &[
                "Ferdinan",
                "Marthen",
                "Yusuf",
                "Agustinus",
                "Alfrets",
                "Daniel",
                "Frans",
                "Herman",
                "Imanuel",
                "Jonathan",
                "Kristian",
                "Lukas",
                "Markus",
                "Paulus",
                "Samuel",
            ],
            PAMONA,
        ),
        women: (
            &[
                "Yuliana",
                "Selvi",
                "Debora",
                "Elisabet",
                "Agustina",
                "Bertha",
                "Dortje",
                "Evi",
                "Herlina",
                "Kristina",
                "Lidia",
                "Margareta",
                "Naomi",
                "Priska",
                "Rut",
            ],
            PAMONA,
        ),
    },
    Stock {
        share: 18,
        muslim: true,
        men: (
            &[
                "Andi Irwan",
                "Muh. Arif",
                "Ambo Asse",
                "Andi Fahri",
                "Syarifuddin",
                "Jamaluddin",
                "Kaharuddin",
                "Muh. Yusuf",
                "Sudirman",
                "Amiruddin",
                "Baso Ahmad",
                "Burhanuddin",
            ],
            BUGIS,
        ),
        women: (
            &[
                "Andi Rahmawati",
                "Besse Nurlina",
                "Andi Tenri",
                "Sitti Hajrah",
                "Rosmiati",
                "Hasnah",
                "Andi Marwah",
                "Nurjannah",
                "Sitti Maemunah",
                "Indo Sakka",
                "Kartini",
                "Hasmawati",
            ],
            BUGIS,
        ),
    },
    Stock {
        share: 10,
        muslim: false,
        men: (
            &[
                "I Wayan", "I Made", "I Nyoman", "I Ketut", "I Putu", "I Gede", "I Komang",
                "I Kadek",
            ],
            &[
                "Sudarma",
                "Arta",
                "Suardika",
                "Wirawan",
                "Sukerta",
                "Budiasa",
                "Parwata",
                "Adnyana",
                "Mertayasa",
                "Sujana",
                "Widana",
                "Suparta",
                "Darmawan",
            ],
        ),
        women: (
            &[
                "Ni Wayan",
                "Ni Made",
                "Ni Nyoman",
                "Ni Ketut",
                "Ni Putu",
                "Ni Luh",
                "Ni Komang",
                "Ni Kadek",
            ],
            &[
                "Widiasih",
                "Sukerti",
                "Puspawati",
                "Ariani",
                "Sulastri",
                "Darmayanti",
                "Yuniasih",
                "Martini",
                "Suryani",
                "Rusmini",
                "Sukreni",
            ],
        ),
    },
    Stock {
        share: 8,
        muslim: true,
        men: (
            &[
                "Bambang", "Slamet", "Agus", "Joko", "Eko", "Wahyu", "Dwi", "Heru", "Budi",
                "Hendra", "Sugeng", "Tri",
            ],
            &[
                "Setiawan",
                "Riyadi",
                "Prasetyo",
                "Purnomo",
                "Nugroho",
                "Santoso",
                "Kurniawan",
                "Hartono",
                "Wibowo",
                "Raharjo",
                "Utomo",
            ],
        ),
        women: (
            &[
                "Sri", "Endang", "Siti", "Dewi", "Rina", "Wiwik", "Tri", "Ratna", "Indah", "Yuni",
                "Anik",
            ],
            &[
                "Wahyuni",
                "Handayani",
                "Rahayu",
                "Lestari",
                "Kusumawati",
                "Utami",
                "Astuti",
                "Purwanti",
                "Setyowati",
                "Hidayati",
                "Susanti",
            ],
        ),
    },
    Stock {
        share: 6,
        muslim: false,
        men: (
            &[
                "Fransiskus",
                "Jefri",
                "Robert",
                "Denny",
                "Hendrik",
                "Steven",
                "Yoppy",
                "Ronny",
                "Adrian",
                "Melki",
            ],
            MINAHASA,
        ),
        women: (
            &[
                "Meity", "Grace", "Olga", "Ester", "Novita", "Feybe", "Jeane", "Silvana", "Vivian",
                "Merlin",
            ],
            MINAHASA,
        ),
    },
];

/// A name without titles, and whether its bearer may have made the hajj.
/// `tried` counts names that were taken already: later ones are longer.
pub(super) fn draw(dice: &mut Dice, sex: Sex, tried: usize) -> (String, bool) {
    let mut drawn = dice.between(1, 100);
    let stock = STOCKS.iter().find(|stock| {
        drawn -= stock.share;
        drawn <= 0
    });
    let stock = stock.unwrap_or(&STOCKS[0]);
    let (given, last) = match sex {
        Sex::Man => stock.men,
        Sex::Woman => stock.women,
    };
    let first = dice.pick(given);
    let last_name = dice.pick(last);
    let middle = dice.pick(last);
    let name = match tried {
        0..=4 => format!("{first} {last_name}"),
        _ if middle == last_name => format!("{first} {last_name}"),
        _ => format!("{first} {middle} {last_name}"),
    };
    (name, stock.muslim)
}
