// SshKey: key pairs as EC2 gives and takes them.
//
// Place: services/ec2, for key_pair_actions.cc. Sources:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html (fingerprints), RFC 4253
// section 6.6 and RFC 8709 (public keys),
// https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key (private ones).
// Threads: pure functions; making a key takes a tenth of a second.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::ec2 {

struct SshKey {
  std::string type;         // "rsa" or "ed25519"
  std::string public_key;   // "ssh-rsa AAAA…", without a comment
  std::string fingerprint;  // as EC2 tells it
  std::string private_key;  // PEM; empty of one that was brought
};

// A new pair. Errors: InvalidParameterValue (another type), kIo.
[[nodiscard]] Result<SshKey> make_ssh_key(std::string_view type);

// A public key that was brought: OpenSSH's format. Error: InvalidKey.Format.
[[nodiscard]] Result<SshKey> read_ssh_key(std::string_view text);

}  // namespace tarn::ec2
