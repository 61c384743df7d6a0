//! What an address of an S3 store says: `s3://BUCKET[/PREFIX]?endpoint=URL&region=R&path_style=true`.

use url::Url;

/// The parts of the address.
#[derive(Debug, PartialEq, Eq)]
pub struct Address {
    /// The bucket.
    pub bucket: String,
    /// Put before every key: empty, or ending in a slash.
    pub prefix: String,
    /// The server, where it is not Amazon's.
    pub endpoint: Option<String>,
    /// The region; asked of the environment when absent and no endpoint is given.
    pub region: Option<String>,
    /// `HOST/BUCKET` rather than `BUCKET.HOST`; the default wherever an endpoint is given.
    pub path_style: bool,
}

/// Reads an address.
///
/// # Errors
/// A sentence for the operator that names the part which is wrong.
pub fn parse(text: &str) -> Result<Address, String> {
    let wrong = |what: &str| format!("the store {text:?} is not s3://BUCKET[/PREFIX]?endpoint=URL&region=R: {what}");
    let url = Url::parse(text).map_err(|e| wrong(&e.to_string()))?;
    let bucket = url.host_str().filter(|b| !b.is_empty()).ok_or_else(|| wrong("no bucket"))?.to_owned();
    let prefix = match url.path().trim_matches('/') {
        "" => String::new(),
        prefix => format!("{prefix}/"),
    };
    let mut address = Address { bucket, prefix, endpoint: None, region: None, path_style: false };
    let mut path_style = None;
    for (name, value) in url.query_pairs() {
        match (name.as_ref(), value.as_ref()) {
            ("endpoint", value) => {
                Url::parse(value).map_err(|e| wrong(&format!("endpoint: {e}")))?;
                address.endpoint = Some(value.trim_end_matches('/').to_owned());
            }
            ("region", value) => address.region = Some(value.to_owned()),
            ("path_style", "true") => path_style = Some(true),
            ("path_style", "false") => path_style = Some(false),
            (name, _) => return Err(wrong(&format!("{name} is not understood"))),
        }
    }
    address.path_style = path_style.unwrap_or(address.endpoint.is_some());
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_read() {
        let address =
            parse("s3://videos/two/take?endpoint=http://127.0.0.1:39000/&region=garage&path_style=true").unwrap();
        let wanted = Address {
            bucket: "videos".into(),
            prefix: "two/take/".into(),
            endpoint: Some("http://127.0.0.1:39000".into()),
            region: Some("garage".into()),
            path_style: true,
        };
        assert_eq!(address, wanted);
        assert!(!parse("s3://videos").unwrap().path_style);
    }

    #[test]
    fn a_wrong_part_is_named() {
        for (text, part) in
            [("s3://?region=x", "bucket"), ("s3://b?colour=red", "colour"), ("s3://b?endpoint=x", "endpoint")]
        {
            assert!(parse(text).unwrap_err().contains(part), "{text}: {}", parse(text).unwrap_err());
        }
    }
}
