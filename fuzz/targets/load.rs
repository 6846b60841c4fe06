//! The bytes of a file of facts: they load, or are refused with a sentence that names the file.
//!
//! The first byte says what the rest is: a CSV, Parquet, Arrow or XLSX file, or the sheet and the texts of a
//! workbook (parted by a zero byte), which are packed as a workbook is, so that their checksums are right.

#![no_main]

use arrow_array::RecordBatch;
use engine::cube::Cube;
use libfuzzer_sys::fuzz_target;
use query::session::Session;
use query::tables::Tables;
use std::fs;
use std::io::{Cursor, Write};
use std::panic;
use std::path::Path;
use zip::write::{SimpleFileOptions, ZipWriter};

/// The files of a workbook of one sheet, but for the sheet and its texts.
const PARTS: [(&str, &str); 4] = [
    (
        "[Content_Types].xml",
        r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#,
    ),
    (
        "_rels/.rels",
        r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#,
    ),
];

// A reader of a format may give up with a panic of its own, which `datasets` catches; the hook of libFuzzer would end
// the program there. One that is not caught still ends it.
fuzz_target!(
    init: panic::set_hook(Box::new(|_| {})),
    |data: &[u8]| {
        let Some((kind, data)) = data.split_first() else { return };
        let (name, bytes) = match kind % 5 {
            0 => ("facts.csv", data.to_vec()),
            1 => ("facts.parquet", data.to_vec()),
            2 => ("facts.arrow", data.to_vec()),
            3 => ("facts.xlsx", data.to_vec()),
            _ => ("facts.xlsx", workbook(data)),
        };
        let folder = fuzz::folder();
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("room for a file");
        load(&path);
    }
);

/// Loads a file into a cube made from it, and into the company.
fn load(path: &Path) {
    let name = path.display().to_string();
    let cube = Cube::in_memory("fuzz").expect("a cube in memory");
    let mut session = Session::new(cube, Box::new(Files));
    match session.open_facts(&name) {
        Ok(_) => {
            let answer = session.execute("describe").map(|_| ());
            answer.unwrap_or_else(|error| panic!("what was loaded cannot be described: {error}"));
            fuzz::hash(&mut session);
            session.execute("undo").expect("a load can be undone");
            assert!(session.cube().snapshot().facts() == 0);
        }
        Err(error) => assert!(!error.message.is_empty()),
    }
    let cube = Cube::in_memory("fuzz").expect("a cube in memory");
    let mut company = fuzz::company_on(cube, Box::new(Files));
    let before = fuzz::hash(&mut company);
    let statement = format!("load '{name}' into plan creating members");
    match company.execute(&statement) {
        Ok(_) => {
            company.execute("undo").expect("a load can be undone");
        }
        Err(error) => fuzz::points_into(&error, &statement),
    }
    assert_eq!(fuzz::hash(&mut company), before);
}

/// A workbook of one sheet.
fn workbook(data: &[u8]) -> Vec<u8> {
    let end = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (sheet, texts) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, content: &[u8]| {
        let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        zip.start_file(name, options).expect("a part");
        zip.write_all(content).expect("room in memory");
    };
    PARTS.iter().for_each(|(name, content)| add(name, content.as_bytes()));
    add("xl/worksheets/sheet1.xml", sheet);
    add("xl/sharedStrings.xml", texts);
    zip.finish().expect("a whole archive").into_inner()
}

/// Files read as the binary reads them.
struct Files;

impl Tables for Files {
    fn read(&self, path: &str) -> Result<RecordBatch, String> {
        if path == "facts.csv" {
            return fuzz::Company.read(path);
        }
        let read = datasets::read(Path::new(path));
        read.map_err(|error| {
            let said = error.to_string();
            assert!(said.contains(path), "an error that does not name its file: {said}");
            said
        })
    }

    fn write(&self, _: &str, _: &[String], _: &[Vec<String>]) -> Result<(), String> {
        Ok(())
    }

    fn line(&self, path: &str, row: usize) -> Option<usize> {
        datasets::line_of_row(Path::new(path), row + 1)
    }
}
