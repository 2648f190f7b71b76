use super::{
    faces::{Face, drawable},
    fit::{self, Block},
    letters::Letters,
    shell::Shell,
    *,
};
use lopdf::Document;
use std::sync::Arc;

const LINE: f32 = 579.0;

fn paper() -> Paper {
    Paper {
        government: "PEMERINTAH PROVINSI SULAWESI TENGAH".into(),
        agency: "Badan Pengembangan Sumber Daya Manusia Daerah".into(),
        product: "Smart Class ASN".into(),
        number: "800.2.4/61908/BPSDMD/2026".into(),
        legal_basis: Some(
            "Undang-Undang Nomor 20 Tahun 2023 tentang Aparatur Sipil Negara, Pasal 49".into(),
        ),
        name: "Nurhidayah Lasimpala, A.Md.Kep.".into(),
        nip: "199005052015032005".into(),
        position: Some("Perawat Terampil".into()),
        unit: "UPT Pelatihan Kesehatan, Dinas Kesehatan Provinsi Sulawesi Tengah".into(),
        role: "Peserta".into(),
        theme: "Pelayanan Publik yang Ramah Disabilitas di Puskesmas dan Kecamatan".into(),
        held_on: "24 November 2026".into(),
        learning_hours: "2 (dua) Jam Pelajaran".into(),
        mode: "Daring melalui Zoom".into(),
        place_and_date: "Palu, 25 November 2026".into(),
        office: vec![
            "Kepala Badan Pengembangan Sumber Daya".into(),
            "Manusia Daerah Provinsi Sulawesi Tengah,".into(),
        ],
        signer_name: "Dr. Irwan Tolambu, M.Si.".into(),
        signer_rank: Some("Pembina Utama Madya (IV/d)".into()),
        signer_nip: Some("197011151995031004".into()),
        code: "7QF4M2KD9TXA3HBW".into(),
        verify_url: "https://smartclass.example/v/7QF4M2KD9TXA3HBW".into(),
        issued_at: DateTime::from_timestamp(1_795_000_000, 0).unwrap(),
        signed: false,
    }
}

fn named(name: &str) -> Paper {
    Paper { name: name.into(), ..paper() }
}

/// What a reader of the PDF can copy from its page.
fn text_of(bytes: &[u8]) -> String {
    Document::load_mem(bytes).unwrap().extract_text(&[1]).unwrap()
}

fn content_of(paper: &Paper) -> String {
    let drawn = paper.drawable();
    let shell = Shell::with_letters(&drawn.letters());
    String::from_utf8(layout::content(&drawn, &shell.letters, None)).unwrap()
}

fn letters_of(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

#[track_caller]
fn assert_fits(name: &str) {
    let Block { size, lines, whole } = layout::name(name);
    assert!(whole, "{name} is cut off");
    let allowed =
        fit::NAME.iter().any(|step| step.0.to_bits() == size.to_bits() && lines.len() <= step.1);
    assert!(allowed, "{name} takes {} lines at {size}", lines.len());
    assert!(
        lines.iter().all(|line| Face::Bold.width(line, size) <= LINE + 0.01),
        "{name} is too wide"
    );
    assert_eq!(letters_of(&lines.concat()), letters_of(name));
}

#[test]
fn the_same_paper_gives_the_same_bytes() {
    assert_eq!(draw(&paper(), None), draw(&paper(), None));
    let unusual = named("Đặng Žižek");
    assert_eq!(draw(&unusual, None), draw(&unusual, None));
}

#[test]
fn a_name_of_any_length_up_to_120_fits() {
    let real = "Prof. Dr. Hj. Andi Siti Nurhalizah Rahmatunnisa Daeng Pawinru Lamakampali, \
                S.Kep., Ns., M.Kes., Sp.Kep.Kom., Ph.D., FISQ";
    assert_eq!(real.chars().count(), 120);
    for length in 1..=120 {
        assert_fits(real.chars().take(length).collect::<String>().trim_end());
        assert_fits(&"W".repeat(length));
        assert_fits("MW WM".repeat(24)[..length].trim_end());
        assert_fits("WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW M ".repeat(4)[..length].trim_end());
        assert_fits(&"—".repeat(length));
        assert_fits(&"Ǆ".repeat(length));
    }
}

#[test]
fn short_names_are_set_large_and_long_ones_in_even_lines() {
    assert_eq!(layout::name("A").size.to_bits(), 34_f32.to_bits());
    let long = layout::name(
        "Prof. Dr. Hj. Andi Siti Nurhalizah Rahmatunnisa Daeng Pawinru Lamakampali, S.Kep., Ns., M.Kes., \
         Sp.Kep.Kom., Ph.D., FISQ",
    );
    assert_eq!((long.size.to_bits(), long.lines.len()), (17_f32.to_bits(), 2));
    assert!(long.lines[0].ends_with("Pawinru"));
    assert_eq!(layout::name(&"X".repeat(120)).lines, ["X".repeat(60), "X".repeat(60)]);
}

#[test]
fn a_theme_too_long_for_the_last_step_is_refused() {
    let theme = "Penguatan Tata Kelola Pelayanan Kesehatan ".repeat(12);
    assert!(theme_fits(&theme[..270]));
    assert!(!theme_fits(&theme[..400]));
    assert!(theme_fits(""));
    assert!(layout::theme(&theme).lines[2].ends_with('…'));
}

#[test]
fn names_can_be_copied_out_as_they_were_written() {
    for name in [
        "Dr. Andi Nūr‘aini Daéng Ma’ruf, S.STP., M.Si.",
        "I Gusti (Ngurah) \\ Rai >> endobj",
        "Đặng Žižek Ωμέγα",
        "Şule Ağaoğlu ☺",
    ] {
        let text = text_of(&draw(&named(name), None));
        assert!(text.contains(name), "{name} is not in {text}");
    }
}

#[test]
fn a_long_name_is_copied_out_in_its_lines() {
    let text = text_of(&draw(&named(&"Andi Nurhalizah ".repeat(5)), None));
    assert!(text.contains("Andi Nurhalizah Andi Nurhalizah"), "{text}");
}

#[test]
fn a_letter_outside_the_usual_ones_gets_a_larger_set() {
    let usual = Shell::with_letters(&paper().drawable().letters());
    let also = Shell::with_letters(&named("Nūr‘aini Ma’ruf").drawable().letters());
    let larger = Shell::with_letters(&named("Đặng").drawable().letters());
    assert!(Arc::ptr_eq(&usual, &also));
    assert!(!Arc::ptr_eq(&usual, &larger));
    assert!(larger.letters.has_all(&Letters::usual()));
    assert!(larger.letters.has_all(&"Đặng".chars().collect()));
}

#[test]
fn what_a_face_lacks_comes_from_dejavu_and_what_none_has_is_a_question_mark() {
    assert_eq!(Face::Bold.find('م').map(|place| place.0), Some(Face::Sans));
    assert_eq!(drawable("漢 e\u{301}\u{200d} \t\r\n\0x"), "? é x");
}

#[test]
fn the_usual_letters_are_all_in_the_fonts() {
    for letter in Letters::usual() {
        assert_eq!(drawable(&format!("a{letter}a")).contains('?'), letter == '?', "{letter:?}");
    }
}

#[test]
fn the_serif_comes_in_the_three_cuts_expected() {
    for face in [Face::Regular, Face::Bold, Face::Italic] {
        let name =
            face.subset_name().trim_start_matches(|letter| letter != '+').trim_start_matches('+');
        let next = if face == Face::Regular { "Libertinus Serif" } else { name };
        let bytes = face.original().bytes;
        assert!(bytes.windows(next.len()).any(|part| part == next.as_bytes()), "{name}");
    }
}

#[test]
fn any_text_can_be_drawn() {
    let long = "😀(\\\u{202e}\u{1}محمد".repeat(1000);
    let all: String = (0..0x3000).filter_map(char::from_u32).collect();
    for text in ["", "\0\u{7}\u{1b}", "W", &long, &all] {
        let text = || text.to_owned();
        let odd = Paper {
            government: text(),
            agency: text(),
            product: text(),
            number: text(),
            legal_basis: Some(text()),
            name: text(),
            nip: text(),
            position: Some(text()),
            unit: text(),
            role: text(),
            theme: text(),
            held_on: text(),
            learning_hours: text(),
            mode: text(),
            place_and_date: text(),
            office: vec![text(); 5],
            signer_name: text(),
            signer_rank: Some(text()),
            signer_nip: Some(text()),
            code: text(),
            verify_url: text(),
            issued_at: DateTime::<Utc>::MIN_UTC,
            signed: true,
        };
        assert_eq!(Document::load_mem(&draw(&odd, None)).unwrap().get_pages().len(), 1);
    }
}

#[test]
fn a_certificate_weighs_less_than_120_kb() {
    for name in ["A", "Nūr‘aini", "Đặng Žižek محمد"] {
        let size = draw(&named(name), None).len();
        assert!(size < 120_000, "{name}: {size}");
    }
}

#[test]
fn the_qr_code_is_one_path_with_four_modules_clear_around_it() {
    let content = content_of(&paper());
    let (_, code) = content.split_once("q 0.122").unwrap();
    let (path, _) = code.split_once("f Q").unwrap();
    let mut lines = path.lines();
    let module: f32 = lines.next().unwrap().split(' ').nth(4).unwrap().parse().unwrap();
    let boxes: Vec<Vec<u16>> = lines
        .map(|line| {
            line.trim_end_matches(" re").split(' ').map(|number| number.parse().unwrap()).collect()
        })
        .collect();
    let side = boxes.iter().map(|run| run[0] + run[2]).max().unwrap();
    let dark = |x, y| boxes.iter().any(|run| run[1] == y && (run[0]..run[0] + run[2]).contains(&x));
    let drawn: Vec<bool> =
        (0..side).flat_map(|y| (0..side).map(move |x| (x, y))).map(|(x, y)| dark(x, y)).collect();
    let code = qrcode::QrCode::with_error_correction_level(paper().verify_url, qrcode::EcLevel::M)
        .unwrap();
    assert_eq!(
        drawn,
        code.into_colors().iter().map(|color| *color == qrcode::Color::Dark).collect::<Vec<_>>()
    );
    assert!((f32::from(side) * module - 78.0).abs() < 0.01);
    assert!(4.0 * module <= 298.0 - 204.0 - 78.0, "the words beside stand too close");
    assert!(4.0 * module <= 436.0 - 418.75, "the rule above stands too close");
}

#[test]
fn only_a_signed_certificate_has_the_legal_sentences() {
    let plain = text_of(&draw(&paper(), None));
    let signed = text_of(&draw(&Paper { signed: true, ..paper() }, None));
    assert!(plain.contains("Belum ditandatangani secara elektronik") && !plain.contains("UU ITE"));
    assert!(signed.contains("UU ITE") && signed.contains("BSrE") && !signed.contains("Belum"));
}

#[test]
fn numbers_and_codes_are_shown_in_groups() {
    let text = text_of(&draw(&Paper { position: None, ..paper() }, None));
    for shown in [
        "NIP 19900505 201503 2 005",
        "NIP 19701115 199503 1 004",
        "7QF4-M2KD-9TXA-3HBW",
        "smartclass.example/v",
    ] {
        assert!(text.lines().any(|line| line == shown), "{shown} is not a line of {text}");
    }
    assert!(!text_of(&draw(&Paper { nip: String::new(), ..paper() }, None)).contains("NIP 1990"));
}

#[test]
fn the_properties_name_the_certificate() {
    let document = Document::load_mem(&draw(&named("Nūr (A\\B)"), None)).unwrap();
    let info = document.trailer.get(b"Info").and_then(lopdf::Object::as_reference).unwrap();
    let title = document.get_dictionary(info).unwrap().get(b"Title").unwrap();
    let title = lopdf::decode_text_string(title).unwrap();
    assert_eq!(title, "Sertifikat 800.2.4/61908/BPSDMD/2026 – Nūr (A\\B)");
    assert_eq!(document.version, "1.7");
    assert!(document.catalog().unwrap().has(b"Lang"));
    assert!(!document.catalog().unwrap().has(b"OutputIntents"));
}

#[test]
fn nothing_is_drawn_within_24_pt_of_the_edge() {
    let points = cloth::ornament().into_iter().flat_map(|op| match op {
        printpdf::Op::DrawPolygon { polygon } => {
            polygon.rings.into_iter().flat_map(|ring| ring.points).collect()
        }
        printpdf::Op::DrawLine { line } => line.points,
        _ => vec![],
    });
    for point in points {
        let (x, y) = (point.p.x.0, point.p.y.0);
        assert!((24.0..=817.9).contains(&x) && (23.99..=571.29).contains(&y), "{x} {y}");
    }
}

#[test]
fn a_logo_is_laid_on_white_and_scaled_to_print() {
    let logo = Logo::parse(&png_of(800, 400)).unwrap();
    assert!((logo.ratio - 2.0).abs() < 0.01);
    assert_eq!(logo.image.dict.get(b"Width").and_then(lopdf::Object::as_i64).unwrap(), 366);
    assert!(logo.image.decompressed_content().unwrap().iter().all(|part| *part == 255));
    assert!(draw(&paper(), Some(&logo)).len() > draw(&paper(), None).len());
}

#[test]
fn a_logo_that_cannot_be_used_is_refused_with_the_reason() {
    assert_eq!(Logo::parse(&vec![0; 600_000]).unwrap_err(), LogoError::TooHeavy);
    assert_eq!(Logo::parse(b"GIF89a").unwrap_err(), LogoError::UnknownKind);
    assert_eq!(Logo::parse(&png_of(2001, 1)).unwrap_err(), LogoError::TooLarge);
    assert_eq!(Logo::parse(&png_of(9, 9)[..60]).unwrap_err(), LogoError::Broken);
    assert_eq!(Logo::parse(b"\xff\xd8\xff\xe0").unwrap_err(), LogoError::Broken);
    assert_eq!(LogoError::TooHeavy.to_string(), "Berkas logo terlalu besar; paling besar 512 KB.");
}

/// A wholly transparent picture.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgba);
    let pixels = vec![0; usize::try_from(width * height * 4).unwrap()];
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    bytes
}

#[test]
fn the_snapshot_survives_being_stored() {
    let stored = serde_json::to_string(&paper()).unwrap();
    assert_eq!(serde_json::from_str::<Paper>(&stored).unwrap(), paper());
}

/// As many equal lines as the step allows.
fn filled((size, lines): fit::Step) -> Block {
    Block { size, lines: vec!["Xp".into(); lines], whole: true }
}

#[test]
fn no_two_parts_touch_however_long_name_and_theme_are() {
    let (capitals, tails) = (0.66, 0.24);
    for (name, theme) in fit::NAME.iter().flat_map(|n| fit::THEME.map(|t| (filled(*n), filled(t))))
    {
        for details in 1..=3_u8 {
            let at = layout::Baselines::of(&name, details.into(), &theme);
            let last_name = at.name + name.depth(1.1) + name.size * tails;
            let last_detail = at.details + f32::from(details - 1) * 15.5 + 12.0 * tails;
            let gaps = [
                at.above - 12.5 * capitals - (190.5 + 9.0 * tails),
                at.name - name.size * capitals - (at.above + 12.5 * tails),
                at.details - 12.0 * capitals - last_name,
                at.role - 13.0 * capitals - last_detail,
                at.theme - theme.size * capitals - (at.role + 13.0 * tails),
                376.0 - (at.theme + theme.depth(1.14) + theme.size * tails),
            ];
            let least = if details < 3 { 4.5 } else { 3.0 };
            assert!(
                gaps.iter().all(|gap| *gap >= least),
                "{name:?}, {theme:?}, {details}: {gaps:?}"
            );
        }
    }
}

#[test]
fn what_settings_and_classes_allow_is_never_cut_off() {
    let (wide, most) = ("Wibowo Mahmud ".repeat(6), 80);
    let longest = Paper {
        agency: wide[..most].trim_end().into(),
        position: Some("Analis Kebijakan Ahli Madya ".repeat(4)),
        learning_hours: "88 (delapan puluh delapan) Jam Pelajaran".into(),
        held_on: "30 September 2026 s.d. 28 September 2027".into(),
        signer_name: wide[..most].trim_end().into(),
        ..paper()
    };
    let logo = Logo::parse(&png_of(900, 200)).unwrap();
    for logo in [None, Some(&logo)] {
        let text = text_of(&draw(&longest, logo));
        assert!(!text.contains('…'), "{text}");
    }
}
