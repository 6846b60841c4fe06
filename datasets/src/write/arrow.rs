//! An Arrow file: the columns as they are.

use std::io::{self, Write};

use arrow_array::RecordBatch;
use arrow_ipc::writer::FileWriter;

pub(super) fn write(batch: &RecordBatch, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = FileWriter::try_new(out, &batch.schema()).map_err(io::Error::other)?;
    writer.write(batch).and_then(|()| writer.finish()).map_err(io::Error::other)
}
