//! The harness's files as the cube's statements take them: codes become names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt32Type};
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch, StringArray, UInt32Array};
use query::tables::Tables;

/// The dimensions of the star, each with its levels from the top, as columns of its file.
pub const DIMENSIONS: [(&str, &[&str]); 4] = [
    ("cc", &["division", "unit", "dept", "cc"]),
    ("project", &["portfolio", "programme", "project"]),
    ("channel", &["channel_group", "channel"]),
    ("location", &["region", "country", "location"]),
];

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

    /// All facts, their codes with the labels as a dictionary.
    fn facts(&self) -> Result<RecordBatch, String> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.path.join("facts"))
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
            .map_err(|error| error.to_string())?;
        files.sort();
        let parts = files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
        let schema = parts.first().ok_or("no facts")?.schema();
        let column = |(place, name): (usize, &String)| -> Result<(String, ArrayRef), String> {
            let arrays: Vec<&ArrayRef> = parts.iter().map(|part| part.column(place)).collect();
            let array = match self.dimension(name) {
                Ok(dimension) => labelled(&arrays, dimension.column_by_name("label").ok_or("no labels")?)?,
                Err(_) => joined(&arrays)?,
            };
            Ok((name.clone(), array))
        };
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let columns = names.iter().enumerate().map(column).collect::<Result<Vec<_>, String>>()?;
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
            .map_err(|error| error.to_string())
    }
}

impl Tables for Folder {
    fn read(&self, path: &str) -> Result<RecordBatch, String> {
        match DIMENSIONS.iter().find(|(name, _)| *name == path) {
            Some((name, levels)) => self.members(name, levels),
            None if path == "facts" => self.facts(),
            None => read(&self.path.join(path)),
        }
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

fn labelled(codes: &[&ArrayRef], labels: &ArrayRef) -> Result<ArrayRef, String> {
    let labels: StringArray = match labels.as_dictionary_opt::<UInt32Type>() {
        Some(dictionary) => {
            let texts = dictionary.values().as_string::<i32>();
            dictionary.keys().iter().map(|key| key.map(|key| texts.value(key as usize))).collect()
        }
        None => return Err("labels of another type".to_owned()),
    };
    let code = |array: &&ArrayRef| array.as_primitive::<Int64Type>().values().iter().map(|code| *code as u32).collect();
    let keys: Vec<Vec<u32>> = codes.iter().map(code).collect();
    let keys = UInt32Array::from(keys.concat());
    DictionaryArray::try_new(keys, Arc::new(labels)).map(|array| Arc::new(array) as ArrayRef).map_err(|e| e.to_string())
}

fn joined(arrays: &[&ArrayRef]) -> Result<ArrayRef, String> {
    let parts: Vec<&[f64]> =
        arrays.iter().map(|array| &array.as_primitive::<arrow_array::types::Float64Type>().values()[..]).collect();
    Ok(Arc::new(arrow_array::Float64Array::from(parts.concat())))
}
