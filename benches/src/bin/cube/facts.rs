//! The harness's files as the cube's statements take them: codes become names.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt32Type};
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch, StringArray, UInt32Array};
use query::tables::{Parts, Tables};

/// The dimensions of the star, each with its levels from the top, as columns of its file.
pub const DIMENSIONS: [(&str, &[&str]); 4] = [
    ("cc", &["division", "unit", "dept", "cc"]),
    ("project", &["portfolio", "programme", "project"]),
    ("channel", &["channel_group", "channel"]),
    ("location", &["region", "country", "location"]),
];

/// The columns whose codes have labels.
const LABELLED: [&str; 6] = ["cc", "project", "channel", "location", "scenario", "month"];

/// The folder of one size of the star.
pub struct Folder {
    pub path: PathBuf,
}

impl Folder {
    fn dimension(&self, name: &str) -> Result<RecordBatch, String> {
        read(&self.path.join("dims").join(format!("{name}.parquet")))
    }

    /// The members of a dimension: those of its levels named after level and code, its leaves by their labels.
    fn members(&self, name: &str, levels: &[&str]) -> Result<RecordBatch, String> {
        let batch = self.dimension(name)?;
        let column = |level: &&str| -> Result<(String, ArrayRef), String> {
            let array = match *level == name {
                true => batch.column_by_name("label").ok_or("no labels")?.clone(),
                false => names(level, batch.column_by_name(level).ok_or_else(|| format!("no column {level}"))?),
            };
            Ok(((*level).to_owned(), array))
        };
        let columns = levels.iter().map(column).collect::<Result<Vec<_>, String>>()?;
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
            .map_err(|error| error.to_string())
    }

    /// All facts part by part, their codes with the labels as a dictionary.
    fn facts(&self) -> Result<Parts, String> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.path.join("facts"))
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
            .map_err(|error| error.to_string())?;
        files.sort();
        let mut labels: HashMap<String, ArrayRef> = HashMap::new();
        for name in LABELLED {
            let dimension = self.dimension(name)?;
            labels.insert(name.to_owned(), texts(dimension.column_by_name("label").ok_or("no labels")?)?);
        }
        let parts = files.into_iter().flat_map(|file| match datasets::parts(&file) {
            Ok(parts) => parts,
            Err(error) => Box::new(std::iter::once(Err(error))),
        });
        Ok(Box::new(parts.map(move |part| named(&part.map_err(|error| error.to_string())?, &labels))))
    }
}

/// A part with names in place of codes.
fn named(part: &RecordBatch, labels: &HashMap<String, ArrayRef>) -> Result<RecordBatch, String> {
    let schema = part.schema();
    let names = schema.fields().iter().map(|field| field.name().clone());
    let column = |(name, column): (String, &ArrayRef)| -> Result<(String, ArrayRef), String> {
        let column = labels.get(&name).map_or_else(|| Ok(Arc::clone(column)), |labels| labelled(column, labels));
        Ok((name, column?))
    };
    let columns = names.zip(part.columns()).map(column).collect::<Result<Vec<_>, String>>()?;
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .map_err(|error| error.to_string())
}

impl Tables for Folder {
    fn read(&self, path: &str) -> Result<RecordBatch, String> {
        match DIMENSIONS.iter().find(|(name, _)| *name == path) {
            Some((name, levels)) => self.members(name, levels),
            None => read(&self.path.join(path)),
        }
    }

    fn parts(&self, path: &str) -> Result<Parts, String> {
        if path == "facts" {
            return self.facts();
        }
        let parts = datasets::parts(&self.path.join(path)).map_err(|error| error.to_string())?;
        Ok(Box::new(parts.map(|part| part.map_err(|error| error.to_string()))))
    }

    fn write(&self, path: &str, _: &[String], _: &[Vec<String>]) -> Result<(), String> {
        Err(format!("cannot write {path}: a benchmark puts no rows aside"))
    }

    fn line(&self, _: &str, row: usize) -> Option<usize> {
        Some(row + 2)
    }
}

fn read(path: &Path) -> Result<RecordBatch, String> {
    datasets::read(path).map_err(|error| error.to_string())
}

fn names(level: &str, codes: &ArrayRef) -> ArrayRef {
    let codes = codes.as_primitive::<Int64Type>();
    let mut names = StringBuilder::new();
    codes.iter().for_each(|code| names.append_value(format!("{level} {}", code.unwrap_or_default())));
    let names = names.finish();
    let keys: UInt32Array = (0..names.len() as u32).collect();
    Arc::new(DictionaryArray::new(keys, Arc::new(names)))
}

fn texts(labels: &ArrayRef) -> Result<ArrayRef, String> {
    let dictionary = labels.as_dictionary_opt::<UInt32Type>().ok_or("labels of another type")?;
    let texts = dictionary.values().as_string::<i32>();
    let labels: StringArray = dictionary.keys().iter().map(|key| key.map(|key| texts.value(key as usize))).collect();
    Ok(Arc::new(labels))
}

fn labelled(codes: &ArrayRef, labels: &ArrayRef) -> Result<ArrayRef, String> {
    let keys: UInt32Array = codes.as_primitive::<Int64Type>().values().iter().map(|code| *code as u32).collect();
    let array = DictionaryArray::try_new(keys, Arc::clone(labels)).map_err(|error| error.to_string())?;
    Ok(Arc::new(array))
}
