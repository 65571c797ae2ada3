//! The JSON shapes of CVE Services, shared by the client and the authority.
