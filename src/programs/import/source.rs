//! The file, or standard input, in pieces.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};

use crate::features::imports::commands::PIECE;

/// Where the rows come from.
pub struct Source {
    /// What it is called in the list of imports.
    pub name: String,
    reader: Box<dyn Read>,
}

impl Source {
    /// Opens the file; `-` is standard input.
    pub fn open(file: &str) -> anyhow::Result<Source> {
        if file == "-" {
            return Ok(Source { name: "standard input".to_owned(), reader: Box::new(std::io::stdin()) });
        }
        let opened = File::open(file).with_context(|| format!("{file} cannot be opened"))?;
        if opened.metadata()?.is_dir() {
            bail!("{file} is a folder.");
        }
        let name = Path::new(file).file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Source { name, reader: Box::new(opened) })
    }

    /// The next piece, full but for the last; empty at the end.
    pub fn piece(&mut self) -> anyhow::Result<Vec<u8>> {
        let mut piece = Vec::new();
        let read = self.reader.by_ref().take(PIECE as u64).read_to_end(&mut piece);
        read.with_context(|| format!("{} cannot be read to its end", self.name))?;
        Ok(piece)
    }
}
