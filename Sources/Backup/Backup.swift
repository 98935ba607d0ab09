// What this module promises:
//
// - A backup is encrypted with the age v1 format, so that the stock `age` opens it, and the host that makes it needs no key
//   that decrypts.
// - Nothing is released that was not authenticated: a damaged file ends with an error, and what came before the damage is
//   whole chunks of the original.
// - Memory does not grow with what is read or written.
// - Keys are wiped from memory when nobody needs them any more, and reach neither output nor errors.
//
// `Age` holds the format, `Keys` recipients and identities, `Bytes` where bytes come from and go to.
