//! What `serve` is told, as `name=value`.

use std::path::PathBuf;

use tonic::codec::CompressionEncoding;

/// How a server is to be started.
#[derive(Debug)]
pub struct Options {
    pub port: u16,
    /// The token without which nobody is let in.
    pub bearer: Option<String>,
    pub tls: Tls,
    /// With which messages go to clients that offer to take it.
    pub compression: Option<CompressionEncoding>,
}

#[derive(Debug)]
pub enum Tls {
    None,
    /// With the certificate in this folder.
    Server(PathBuf),
    /// And only for clients whose certificate the authority in it has signed.
    Mutual(PathBuf),
}

impl Options {
    pub fn parse(arguments: &[&str]) -> Result<Self, String> {
        let (mut port, mut bearer, mut tls, mut certificates, mut compression) = (None, None, "none", None, None);
        for argument in arguments {
            let (name, value) = argument.split_once('=').ok_or_else(|| format!("'{argument}' must be name=value"))?;
            match name {
                "port" => port = Some(value.parse().map_err(|_| format!("port must be a number of 16 bits, not '{value}'"))?),
                "bearer" => bearer = Some(value.to_owned()),
                "tls" => tls = value,
                "certs" => certificates = Some(PathBuf::from(value)),
                "compression" => compression = encoding(value)?,
                _ => return Err(format!("there is no option '{name}'; there are port, bearer, tls, certs and compression")),
            }
        }
        let certificates = || certificates.ok_or_else(|| format!("tls={tls} needs certs, the folder of the certificates"));
        let tls = match tls {
            "none" => Tls::None,
            "tls" => Tls::Server(certificates()?),
            "mtls" => Tls::Mutual(certificates()?),
            _ => return Err(format!("tls must be none, tls or mtls, not '{tls}'")),
        };
        Ok(Self { port: port.ok_or("port is missing")?, bearer, tls, compression })
    }
}

fn encoding(value: &str) -> Result<Option<CompressionEncoding>, String> {
    match value {
        "none" => Ok(None),
        "gzip" => Ok(Some(CompressionEncoding::Gzip)),
        "zstd" => Ok(Some(CompressionEncoding::Zstd)),
        "deflate" => Ok(Some(CompressionEncoding::Deflate)),
        _ => Err(format!("compression must be none, gzip, zstd or deflate, not '{value}'")),
    }
}
