// CreateKeyPair, ImportKeyPair, DescribeKeyPairs, DeleteKeyPair.
#include <algorithm>
#include <array>
#include <utility>

#include "services/ec2/actions.h"
#include "services/ec2/ssh_key.h"

namespace tarn::ec2 {
namespace {

constexpr std::array<FilterPath, 3> kKeyPairFilters = {{
    {"key-pair-id", "KeyPairId"},
    {"key-name", "KeyName"},
    {"fingerprint", "KeyFingerprint"},
}};

Entry<KeyPairInfo> named(const std::vector<Entry<KeyPairInfo>>& all, std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const auto& each) { return each->key_name == name; });
  return found == all.end() ? nullptr : *found;
}

// Keeps the public half. Errors: InvalidKeyPair.Duplicate, those of change().
Task<Result<KeyPairInfo>> keep(Ec2& ec2, const Caller& caller, std::string name, SshKey key,
                               std::optional<std::vector<Tag>> tags) {
  KeyPairInfo info;
  info.key_pair_id = new_id(ec2, "key");
  info.key_name = name;
  info.key_type = key.type;
  info.key_fingerprint = key.fingerprint;
  info.public_key = fmt::format("{} {}", key.public_key, name);
  info.create_time = ec2.platform.clock.now();
  info.tags = std::move(tags);
  const Network::Change put = [&](Draft& draft) -> Status {
    if (named(draft.all<KeyPairInfo>(), name)) {
      return Error("InvalidKeyPair.Duplicate", fmt::format("The keypair already exists: {}", name));
    }
    draft.put(info);
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, put));
  co_return info;
}

}  // namespace

Task<Result<KeyPair>> handle(CreateKeyPair /*tag*/, Ec2& ec2, const Caller& caller,
                             CreateKeyPairRequest input) {
  TARN_CO_CHECK(refuse({{"KeyFormat ppk", input.key_format == "ppk"}}));
  TARN_CO_TRY(auto tags, tags_of(caller, input.tag_specifications, "key-pair"));
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  const std::string type = input.key_type.value_or("rsa");
  const auto work = [&] {
    return make_ssh_key(type);
  };
  TARN_CO_TRY(SshKey key, co_await ec2.platform.tasks.offload(work));
  KeyPair out;
  out.key_material = key.private_key;
  std::string name = input.key_name;
  TARN_CO_TRY(const KeyPairInfo kept,
              co_await keep(ec2, caller, std::move(name), std::move(key), std::move(tags)));
  out.key_pair_id = kept.key_pair_id;
  out.key_name = kept.key_name;
  out.key_fingerprint = kept.key_fingerprint;
  out.tags = kept.tags;
  co_return out;
}

Task<Result<ImportKeyPairResult>> handle(ImportKeyPair /*tag*/, Ec2& ec2, const Caller& caller,
                                         ImportKeyPairRequest input) {
  TARN_CO_TRY(auto tags, tags_of(caller, input.tag_specifications, "key-pair"));
  TARN_CO_TRY(SshKey key, read_ssh_key(input.public_key_material));
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  std::string name = input.key_name;
  TARN_CO_TRY(const KeyPairInfo kept,
              co_await keep(ec2, caller, std::move(name), std::move(key), std::move(tags)));
  ImportKeyPairResult out;
  out.key_pair_id = kept.key_pair_id;
  out.key_name = kept.key_name;
  out.key_fingerprint = kept.key_fingerprint;
  out.tags = kept.tags;
  co_return out;
}

Task<Result<DescribeKeyPairsResult>> handle(DescribeKeyPairs /*tag*/, Ec2& ec2,
                                            const Caller& caller, DescribeKeyPairsRequest input) {
  TARN_CO_CHECK(co_await begin(ec2, caller));
  const auto there = ec2.network.all<KeyPairInfo>(caller.region);
  const auto names = input.key_names.value_or(std::vector<std::string>());
  for (const std::string& name : names) {
    if (!named(there, name)) co_return not_found<KeyPairInfo>(name);
  }
  TARN_CO_TRY(auto all, select(copies(there), input.key_pair_ids, input.filters, kKeyPairFilters));
  std::erase_if(all, [&](const KeyPairInfo& info) {
    return !names.empty() && std::find(names.begin(), names.end(), *info.key_name) == names.end();
  });
  for (KeyPairInfo& info : all) {
    if (!input.include_public_key.value_or(false)) info.public_key.reset();
  }
  DescribeKeyPairsResult out;
  out.key_pairs = std::move(all);
  co_return out;
}

Task<Result<DeleteKeyPairResult>> handle(DeleteKeyPair /*tag*/, Ec2& ec2, const Caller& caller,
                                         DeleteKeyPairRequest input) {
  if (!input.key_name && !input.key_pair_id) {
    TARN_CO_CHECK(required(input.key_name, "KeyName"));
  }
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  DeleteKeyPairResult out;
  // One that is not there is no error, as on AWS.
  const Network::Change remove = [&](Draft& draft) -> Status {
    const auto found = input.key_pair_id ? draft.find<KeyPairInfo>(*input.key_pair_id)
                                         : named(draft.all<KeyPairInfo>(), *input.key_name);
    if (!found) return {};
    draft.remove(*found);
    out.key_pair_id = found->key_pair_id;
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, remove));
  out.return_ = true;
  co_return out;
}

}  // namespace tarn::ec2
