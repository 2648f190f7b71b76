//! What the classes are about, and who speaks.

/// The theme of a class.
pub(super) struct Theme {
    pub title: &'static str,
    pub summary: &'static str,
    /// What is learned, a line each.
    pub learned: &'static str,
    /// The unit whose official speaks.
    pub unit: &'static str,
    /// Which of its officials: 0 head, 1 secretary, 2 head of a field.
    pub seat: usize,
}

const fn theme(
    title: &'static str,
    summary: &'static str,
    learned: &'static str,
    (unit, seat): (&'static str, usize),
) -> Theme {
    Theme { title, summary, learned, unit, seat }
}

const DIGITAL: &str = "Dinas Komunikasi, Informatika, Persandian dan Statistik";
const HEALTH: &str = "Dinas Kesehatan";
const STAFF: &str = "Badan Kepegawaian Daerah";
const ARCHIVE: &str = "Dinas Perpustakaan dan Kearsipan";
const SECRETARIAT: &str = "Sekretariat Daerah";
const RESEARCH: &str = "Badan Riset dan Inovasi Daerah";
const EDUCATION: &str = "Dinas Pendidikan Daerah";
const INSPECTORATE: &str = "Inspektorat Daerah";

pub(super) const THEMES: [Theme; 30] = [
    theme(
        "Menata Arsip Digital di Perangkat Daerah",
        "Dari map yang menumpuk ke berkas yang ditemukan dalam satu menit: menata, menamai, dan menyimpan arsip elektronik.",
        "Menyusun klasifikasi dan nama berkas yang seragam\nMenentukan jadwal retensi dan memindahkan arsip inaktif\nMemakai SRIKANDI untuk surat masuk dan surat keluar",
        (ARCHIVE, 2),
    ),
    theme(
        "Keamanan Informasi untuk ASN: Mengenali dan Mencegah Penipuan Digital",
        "Contoh nyata pesan tipuan yang menyasar pegawai, dan kebiasaan kecil yang menutup celahnya.",
        "Mengenali surel dan pesan tipuan sebelum tautannya dibuka\nMembuat kata sandi yang kuat dan memakai verifikasi dua langkah\nMelapor dengan benar ketika akun dinas diambil alih",
        (DIGITAL, 2),
    ),
    theme(
        "Pelayanan Publik yang Ramah dan Berkepastian",
        "Standar pelayanan bukan pajangan dinding: cara menyusun, menepati, dan mengukurnya bersama warga.",
        "Menyusun standar pelayanan yang dapat ditepati\nMenangani keluhan sampai selesai\nMembaca hasil survei kepuasan masyarakat",
        (SECRETARIAT, 1),
    ),
    theme(
        "Percepatan Penurunan Stunting: Peran Setiap Perangkat Daerah",
        "Stunting bukan urusan Dinas Kesehatan saja. Apa yang dapat dikerjakan unit Anda mulai bulan ini.",
        "Memahami penyebab langsung dan tidak langsung stunting\nMembaca data keluarga berisiko di wilayah kerja\nMerancang kegiatan unit yang mendukung delapan aksi konvergensi",
        (HEALTH, 2),
    ),
    theme(
        "Tanggap Gempa dan Tsunami di Lingkungan Kantor",
        "Belajar dari 28 September 2018: menyiapkan gedung, jalur, dan rekan kerja sebelum gempa berikutnya datang.",
        "Memeriksa jalur evakuasi dan titik kumpul kantor\nMelakukan tindakan yang tepat pada menit pertama\nMenyusun rencana kesiapsiagaan unit kerja",
        ("Badan Penanggulangan Bencana Daerah", 0),
    ),
    theme(
        "Arsitektur SPBE dan Layanan Digital yang Saling Terhubung",
        "Mengapa satu data diisi berkali-kali, dan bagaimana arsitektur SPBE menghentikannya.",
        "Membaca peta proses bisnis dan layanan\nMenghindari aplikasi ganda dengan memakai layanan bersama\nMenyiapkan bukti dukung evaluasi SPBE",
        (DIGITAL, 0),
    ),
    theme(
        "Pengadaan Barang dan Jasa melalui Katalog Elektronik",
        "Langkah demi langkah dari identifikasi kebutuhan sampai serah terima, dengan contoh yang sering keliru.",
        "Menyusun spesifikasi dan perkiraan harga\nMemilih penyedia dan bernegosiasi di katalog elektronik\nMendokumentasikan keputusan agar siap diperiksa",
        (SECRETARIAT, 2),
    ),
    theme(
        "Tata Naskah Dinas Elektronik yang Benar dan Cepat",
        "Bentuk, kewenangan, dan alur naskah dinas, dari konsep sampai tanda tangan elektronik.",
        "Memilih bentuk naskah sesuai keperluan\nMemakai kode klasifikasi dan penomoran yang tepat\nMemeriksa keabsahan tanda tangan elektronik",
        (ARCHIVE, 1),
    ),
    theme(
        "Etika ASN dan Nilai Dasar BerAKHLAK dalam Pekerjaan Sehari-hari",
        "Nilai dasar yang dibicarakan lewat kasus: hadiah, media sosial, dan rekan yang terlambat.",
        "Menerapkan nilai BerAKHLAK pada keputusan kecil\nMengenali pelanggaran disiplin dan akibatnya\nMenegur rekan kerja dengan cara yang patut",
        (STAFF, 0),
    ),
    theme(
        "Menyusun SKP dan Berdialog tentang Kinerja",
        "SKP yang menggambarkan hasil, bukan daftar kegiatan, dan percakapan kinerja yang membantu.",
        "Menurunkan sasaran unit menjadi sasaran pribadi\nMenulis indikator yang dapat diukur\nMemberi dan menerima umpan balik",
        (STAFF, 2),
    ),
    theme(
        "Mencegah Gratifikasi dan Benturan Kepentingan",
        "Batas antara keramahan dan gratifikasi, serta cara melapor tanpa takut.",
        "Membedakan gratifikasi yang wajib dan tidak wajib dilaporkan\nMengenali benturan kepentingan pada pekerjaan sendiri\nMelapor melalui unit pengendalian gratifikasi",
        (INSPECTORATE, 0),
    ),
    theme(
        "Manajemen Risiko bagi Pelaksana Program",
        "Daftar risiko yang dipakai, bukan yang disimpan: dari sasaran, risiko, sampai rencana tindak.",
        "Menemukan risiko dari sasaran program\nMenilai kemungkinan dan dampaknya\nMemantau rencana tindak pengendalian",
        (INSPECTORATE, 2),
    ),
    theme(
        "Pengarusutamaan Gender dalam Perencanaan dan Penganggaran",
        "Anggaran yang menjawab kebutuhan perempuan, laki-laki, anak, lansia, dan penyandang disabilitas.",
        "Membaca data terpilah\nMenyusun Gender Analysis Pathway\nMenulis pernyataan anggaran responsif gender",
        ("Dinas Pemberdayaan Perempuan dan Perlindungan Anak", 0),
    ),
    theme(
        "Perencanaan Pembangunan yang Bertolak dari Data",
        "Memakai data sektoral dan Satu Data Indonesia untuk memilih prioritas yang masuk akal.",
        "Mencari dan menilai mutu data sektoral\nMembaca tabel dan grafik tanpa terkecoh\nMenyusun indikator kinerja daerah",
        ("Badan Perencanaan Pembangunan Daerah", 2),
    ),
    theme(
        "Pengelolaan Keuangan Daerah dari DPA sampai Pertanggungjawaban",
        "Alur belanja daerah untuk yang bukan orang keuangan, dengan titik-titik yang sering menjadi temuan.",
        "Membaca DPA dan anggaran kas\nMenyiapkan dokumen pencairan yang lengkap\nMenutup kegiatan dengan pertanggungjawaban yang rapi",
        ("Badan Pengelolaan Keuangan dan Aset Daerah", 0),
    ),
    theme(
        "Mengelola Media Sosial Instansi",
        "Akun dinas yang berguna bagi warga: isi, bahasa, jadwal, dan cara menjawab komentar.",
        "Merancang isi untuk sebulan\nMenulis keterangan yang jelas dan santun\nMenanggapi kritik dan kabar bohong",
        (DIGITAL, 1),
    ),
    theme(
        "Kecerdasan Artifisial di Kantor: Manfaat, Batas, dan Tanggung Jawab",
        "Apa yang boleh dan tidak boleh diserahkan kepada mesin, dengan contoh pekerjaan perkantoran.",
        "Menulis perintah yang jelas\nMemeriksa kebenaran jawaban mesin\nMelindungi data dinas dan data pribadi",
        (RESEARCH, 0),
    ),
    theme(
        "Inovasi Daerah: dari Gagasan sampai Hasil yang Terukur",
        "Inovasi yang bertahan setelah lomba selesai: memilih masalah, mencoba kecil, mengukur hasil.",
        "Merumuskan masalah yang layak dipecahkan\nMenguji gagasan dengan biaya kecil\nMengisi indeks inovasi daerah",
        (RESEARCH, 2),
    ),
    theme(
        "Kantor Ramah Lingkungan dan Pengelolaan Sampah",
        "Mulai dari botol minum di ruang rapat: mengurangi, memilah, dan mengolah sampah kantor.",
        "Menghitung timbulan sampah kantor\nMemilah dan menyalurkan ke bank sampah\nMenghemat listrik dan air",
        ("Dinas Lingkungan Hidup", 2),
    ),
    theme(
        "Menjaga Kesehatan Jiwa di Tempat Kerja",
        "Mengenali lelah yang bukan sekadar lelah, dan menolong rekan tanpa menghakimi.",
        "Mengenali tanda stres dan kejenuhan kerja\nMendengarkan dan memberi pertolongan psikologis awal\nMencari bantuan tenaga kesehatan",
        (HEALTH, 1),
    ),
    theme(
        "Pertolongan Pertama di Kantor: Tersedak, Pingsan, dan Henti Jantung",
        "Lima menit sebelum ambulans tiba, yang menentukan adalah orang di meja sebelah.",
        "Menilai keadaan korban dan memanggil bantuan\nMelakukan kompresi dada\nMenolong korban tersedak",
        (HEALTH, 0),
    ),
    theme(
        "Pelindungan Data Pribadi dalam Layanan Pemerintah",
        "Kewajiban instansi menurut UU 27 Tahun 2022, diterjemahkan ke loket, formulir, dan grup percakapan.",
        "Menentukan data yang benar-benar diperlukan\nMenyimpan dan membagikan data warga dengan aman\nMenangani kegagalan pelindungan data",
        (DIGITAL, 2),
    ),
    theme(
        "Sekolah Aman dan Bebas Perundungan",
        "Peran guru, kepala sekolah, dan dinas ketika seorang anak berkata ia takut ke sekolah.",
        "Mengenali bentuk kekerasan di satuan pendidikan\nMenjalankan tugas tim pencegahan dan penanganan kekerasan\nMendampingi korban dan memulihkan suasana kelas",
        (EDUCATION, 2),
    ),
    theme(
        "Pembelajaran Mendalam di SMA dan SMK",
        "Merancang pelajaran yang berkesadaran, bermakna, dan menggembirakan tanpa menambah beban administrasi.",
        "Memilih tujuan pembelajaran yang penting\nMerancang kegiatan yang mengajak murid berpikir\nMenilai proses dan hasil belajar",
        (EDUCATION, 0),
    ),
    theme(
        "Perizinan Berusaha Berbasis Risiko melalui OSS",
        "Memahami tingkat risiko usaha dan kewenangan provinsi agar pelaku usaha tidak bolak-balik.",
        "Menentukan tingkat risiko menurut KBLI\nMemeriksa persyaratan dasar\nMengawasi usaha setelah izin terbit",
        ("Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu", 0),
    ),
    theme(
        "Pengendalian Inflasi dan Ketahanan Pangan Daerah",
        "Membaca harga pasar di Palu dan kabupaten, lalu bertindak sebelum harga melonjak.",
        "Membaca neraca pangan daerah\nMerancang gerakan pangan murah yang tepat sasaran\nBekerja sama antardaerah penghasil",
        ("Dinas Pangan", 0),
    ),
    theme(
        "Bahasa Indonesia yang Jernih dalam Surat dan Laporan Dinas",
        "Kalimat pendek, kata yang tepat, dan pembaca yang mengerti pada bacaan pertama.",
        "Memotong kalimat yang berbelit\nMemakai ejaan yang benar\nMenyusun laporan yang berawal dari kesimpulan",
        ("Badan Pengembangan Sumber Daya Manusia Daerah", 2),
    ),
    theme(
        "Merawat Kerukunan dan Kewaspadaan Dini di Masyarakat",
        "Pengalaman Sulawesi Tengah menjaga damai, dan peran ASN sebagai perekat bangsa.",
        "Membaca tanda awal ketegangan sosial\nBekerja bersama tokoh agama dan adat\nMenyusun laporan kewaspadaan dini",
        ("Badan Kesatuan Bangsa dan Politik Daerah", 0),
    ),
    theme(
        "Melestarikan Situs Megalit Lore Lindu",
        "Warisan ribuan tahun di lembah Napu, Besoa, dan Bada, serta tanggung jawab menjaganya.",
        "Mengenal situs dan nilai pentingnya\nMemahami aturan pelestarian cagar budaya\nMelibatkan warga dan wisatawan",
        ("Dinas Kebudayaan Daerah", 2),
    ),
    theme(
        "Merencanakan Keuangan Keluarga ASN hingga Purnatugas",
        "Gaji, utang, tabungan, dan pensiun: hitungan sederhana yang menenangkan masa depan.",
        "Menyusun anggaran keluarga\nMengenali pinjaman yang merugikan\nMenyiapkan diri lima tahun sebelum purnatugas",
        (STAFF, 1),
    ),
];
