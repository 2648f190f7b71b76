//! What the reader makes of staff lists, good and bad. All names are invented.

use super::*;
use crate::table::{Cell, FileError};
use rust_xlsxwriter::{Format, Workbook};

fn list(text: &str) -> Result<List, ListError> {
    read(text.as_bytes())
}

fn used(list: &List) -> Vec<(Column, &str)> {
    list.headers.iter().map(|(column, header)| (*column, header.as_str())).collect()
}

/// A workbook made by `fill`.
fn workbook(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(&mut book);
    book.save_to_buffer().unwrap()
}

#[test]
fn columns_are_known_by_their_many_names() {
    let read = list("No.;NIP BARU;Nama Lengkap;Gelar Depan;GELAR BELAKANG;Gol/Ruang;Nama Jabatan;UNOR;E-mail;No HP;Kedudukan Hukum;Eselon\n1;198001012005011001;Sari;;S.E.;III/b;Analis;Dinas Sosial;s@x.id;08;Aktif;IV.a\n").unwrap();
    assert_eq!(
        used(&read),
        [
            (Column::Nip, "NIP BARU"),
            (Column::Name, "Nama Lengkap"),
            (Column::Front, "Gelar Depan"),
            (Column::Back, "GELAR BELAKANG"),
            (Column::Grade, "Gol/Ruang"),
            (Column::Position, "Nama Jabatan"),
            (Column::Unit, "UNOR"),
            (Column::Email, "E-mail"),
            (Column::Phone, "No HP"),
            (Column::PositionKind, "Eselon"),
            (Column::Standing, "Kedudukan Hukum"),
        ]
    );
    assert_eq!(read.unused, ["No."]);
}

#[test]
fn what_stands_around_the_table_is_left_out() {
    let read = list("DAFTAR PEGAWAI\n\nNIP,NAMA,UNIT KERJA\n1,2,3\n198001012005011001,Sari,Dinas Sosial\n\nPalu,,\nKepala Dinas,,\n").unwrap();
    assert_eq!(read.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [5]);
}

#[test]
fn a_header_of_two_rows_is_read_as_one() {
    let read =
        list("NIP,NAMA,GELAR,,GOL\n,,DEPAN,BELAKANG,\n198001012005011001,Sari,Dr.,S.E.,III/b\n")
            .unwrap();
    assert_eq!(read.headers[&Column::Front], "GELAR DEPAN");
    assert_eq!(read.headers[&Column::Back], "GELAR BELAKANG");
    assert_eq!(read.rows[0].text(Column::Back), Some("S.E."));
}

#[test]
fn a_row_needs_neither_every_cell_nor_a_nip_to_be_kept_for_its_verdict() {
    let read = list("NIP,NAMA,EMAIL\n198001012005011001,Sari,\n,Budi,b@x.id\n").unwrap();
    assert_eq!(read.rows[0].text(Column::Email), None);
    assert_eq!(read.rows[1].text(Column::Nip), None);
}

#[test]
fn what_is_no_staff_list_is_refused() {
    for text in ["halo", "NAMA,UNIT\nSari,Dinas Sosial\n", "NIP,UNIT\n198001012005011001,x\n"] {
        assert_eq!(list(text), Err(ListError::NotList), "{text}");
    }
    assert_eq!(list("NIP,NAMA\n"), Err(ListError::Columns(ColumnsError::Nobody)));
    assert_eq!(list(""), Err(ListError::File(FileError::Empty)));
    let twice = list("NIP,NAMA,NIP BARU\n1,Sari,2\n").unwrap_err();
    assert!(twice.to_string().contains("“NIP” dan “NIP BARU”"), "{twice}");
}

#[test]
fn a_nip_that_a_spreadsheet_keeps_as_a_number_is_known_as_one() {
    let bytes = workbook(|book| {
        let sheet = book.add_worksheet();
        sheet.write_row(0, 0, ["NIP", "NAMA"]).unwrap();
        sheet.write(1, 0, 198_001_012_005_011_001_f64).unwrap();
        sheet.write(1, 1, "Sari").unwrap();
    });
    let read = read(&bytes).unwrap();
    assert!(matches!(read.rows[0].cells[&Column::Nip], Cell::Number(_)));
}

#[test]
fn formulas_count_by_what_they_show() {
    let bytes = workbook(|book| {
        let sheet = book.add_worksheet();
        sheet.write_row(0, 0, ["NIP", "NAMA"]).unwrap();
        sheet.write(1, 0, "198001012005011001").unwrap();
        let formula = rust_xlsxwriter::Formula::new("=UPPER(\"sari\")").set_result("SARI");
        sheet.write_formula(1, 1, formula).unwrap();
    });
    assert_eq!(read(&bytes).unwrap().rows[0].text(Column::Name), Some("SARI"));
}

#[test]
fn a_hidden_sheet_gives_way_to_one_that_is_seen_and_two_lists_are_refused() {
    let book = |hidden: bool| {
        workbook(|book| {
            for (name, person) in [("Lama", "Budi"), ("Baru", "Sari")] {
                let sheet = book.add_worksheet();
                sheet.set_name(name).unwrap();
                sheet.write_row(0, 0, ["NIP", "NAMA"]).unwrap();
                sheet.write_row(1, 0, ["198001012005011001", person]).unwrap();
                sheet.set_hidden(hidden && name == "Lama");
                if name == "Baru" {
                    sheet.set_active(true);
                    sheet.set_first_tab(true);
                }
            }
        })
    };
    assert_eq!(read(&book(true)).unwrap().rows[0].text(Column::Name), Some("Sari"));
    assert_eq!(read(&book(false)), Err(ListError::ManySheets(vec!["Lama".into(), "Baru".into()])));
}

#[test]
fn a_cell_that_spans_rows_counts_for_each_of_them() {
    let bytes = workbook(|book| {
        let sheet = book.add_worksheet();
        sheet.write_row(0, 0, ["NIP", "NAMA", "OPD"]).unwrap();
        sheet.write_row(1, 0, ["198001012005011001", "Sari"]).unwrap();
        sheet.write_row(2, 0, ["198102022006042002", "Budi"]).unwrap();
        sheet.merge_range(1, 2, 2, 2, "Dinas Sosial", &Format::new()).unwrap();
    });
    let read = read(&bytes).unwrap();
    let offices: Vec<_> = read.rows.iter().map(|row| row.text(Column::Office)).collect();
    assert_eq!(offices, [Some("Dinas Sosial"); 2]);
}

#[test]
fn a_million_formatted_but_empty_rows_are_no_rows() {
    let bytes = workbook(|book| {
        let sheet = book.add_worksheet();
        sheet.write_row(0, 0, ["NIP", "NAMA"]).unwrap();
        sheet.write_row(1, 0, ["198001012005011001", "Sari"]).unwrap();
        let lined = Format::new().set_border_bottom(rust_xlsxwriter::FormatBorder::Thin);
        for row in 2..200_000 {
            sheet.write_blank(row, 0, &lined).unwrap();
        }
    });
    assert_eq!(read(&bytes).unwrap().rows.len(), 1);
}

/// The columns of a file, as their names say.
fn file(text: &str) -> (File, Columns) {
    let file = open(text.as_bytes()).unwrap();
    let columns = Columns::named(&file.heads);
    (file, columns)
}

const UNNAMED: &str = "DAFTAR PEGAWAI\n\nNo;No Induk;Pegawai;Tempat Tugas;\n1;2;3;4;\n1;198001012005011001;Sari, S.E.;Dinas Sosial;x\n2;198102022006042002;Budi;Dinas Sosial;\n";

#[test]
fn a_header_of_unknown_names_stands_right_above_the_first_nip() {
    let (file, mut columns) = file(UNNAMED);
    let names: Vec<&str> = file.heads.iter().map(|head| head.name.as_str()).collect();
    assert_eq!(names, ["No", "No Induk", "Pegawai", "Tempat Tugas", "Kolom E"]);
    assert_eq!(file.heads[2].samples, ["Sari, S.E.", "Budi"]);
    assert_eq!(columns, Columns::default());
    for (column, header) in
        [(Column::Nip, "no induk"), (Column::Name, "PEGAWAI"), (Column::Unit, "Tempat Tugas")]
    {
        columns.choose(&file.heads, column, header).unwrap();
    }
    let list = file.list(&columns).unwrap();
    assert_eq!(list.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [5, 6]);
    assert_eq!(list.rows[0].text(Column::Name), Some("Sari, S.E."));
    assert_eq!(list.unused, ["No", "Kolom E"]);
}

#[test]
fn a_table_without_a_nip_or_without_a_header_is_no_list() {
    for text in [
        "Kode;Pegawai;Tempat\n17;Sari;Dinas Sosial\n",
        "198001012005011001;Sari;Dinas Sosial\n",
        "a;b\n198001012005011001;Sari\n",
        "1,2,3\n198001012005011001,Sari,Dinas Sosial\n",
    ] {
        assert_eq!(open(text.as_bytes()).unwrap_err(), ListError::NotList, "{text}");
    }
}

#[test]
fn a_sheet_of_known_names_goes_before_one_that_could_be_meant() {
    let bytes = workbook(|book| {
        for (name, header) in
            [("Acuan", ["Induk", "Siapa", "Di"]), ("Data", ["NIP", "NAMA", "UNIT"])]
        {
            let sheet = book.add_worksheet();
            sheet.set_name(name).unwrap();
            sheet.write_row(0, 0, header).unwrap();
            sheet.write_row(1, 0, ["198001012005011001", name, "Dinas Sosial"]).unwrap();
        }
    });
    assert_eq!(read(&bytes).unwrap().rows[0].text(Column::Name), Some("Data"));
}

#[test]
fn each_column_is_held_by_one_header_and_nip_and_name_by_some() {
    let text = "NIP,NAMA,NIP LAMA\n198001012005011001,Sari,131\n";
    let reads = |pairs: &[(usize, Column)]| {
        file(text).0.list(&pairs.iter().copied().collect()).map(|list| list.rows.len())
    };
    assert_eq!(reads(&[(0, Column::Nip), (1, Column::Name)]), Ok(1));
    assert_eq!(reads(&[(1, Column::Name)]), Err(ColumnsError::Missing(vec![Column::Nip])));
    let none = reads(&[]).unwrap_err().to_string();
    assert_eq!(none, "Belum ada kolom yang dibaca sebagai NIP dan Nama. Pilih kolomnya.");
    let twice = reads(&[(0, Column::Nip), (1, Column::Name), (2, Column::Nip)]).unwrap_err();
    assert!(twice.to_string().contains("“NIP” dan “NIP LAMA”"), "{twice}");
}

#[test]
fn a_header_that_is_named_takes_the_place_of_another_and_must_be_there_once() {
    let (file, mut columns) = file("NIP,NAMA,Nomor,X,X\n131,Sari,198001012005011001,,\n");
    columns.choose(&file.heads, Column::Nip, "nomor").unwrap();
    assert_eq!((columns.at(0), columns.at(2)), (None, Some(Column::Nip)));
    let unknown = columns.choose(&file.heads, Column::Unit, "Bagian").unwrap_err();
    assert!(unknown.to_string().ends_with("Judul dalam berkas ini: NIP, NAMA, Nomor, X, X."));
    let twice = columns.choose(&file.heads, Column::Unit, "x").unwrap_err();
    assert!(matches!(twice, ColumnsError::Twice { .. }));
}

#[test]
fn every_column_has_a_code_of_its_own_as_it_is_kept() {
    for column in Column::ALL {
        assert_eq!(Column::coded(column.code()), Some(column));
        assert_eq!(serde_json::to_value(column).unwrap(), column.code());
    }
}
