#include "services/iam/managed_policies.h"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tarn::iam {
namespace {

constexpr std::string_view kPolicyOfAws = "arn:aws:iam::aws:policy";

Result<ManagedPolicy> parse_managed_policy(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  ManagedPolicy out;
  if (json.is_object()) out.arn = json.value("arn", "");
  if (!out.arn.starts_with(kPolicyOfAws) || !json.contains("document"))
    return Error(code::kCorrupt, "it has no arn of AWS, or no document");
  const std::size_t slash = out.arn.rfind('/');
  out.name = out.arn.substr(slash + 1);
  out.path = out.arn.substr(kPolicyOfAws.size(), slash + 1 - kPolicyOfAws.size());
  TARN_TRY(out.document,
           policy::Document::parse(json["document"].dump(), policy::Document::Kind::kIdentity));
  return out;
}

}  // namespace

Result<ManagedPolicies> ManagedPolicies::read(platform::Files& files, const std::string& folder) {
  ManagedPolicies out;
  TARN_TRY(const auto entries, files.list(folder));
  for (const auto& entry : entries) {
    if (!entry.name.ends_with(".json")) continue;
    TARN_TRY(const std::string text, files.read(folder + "/" + entry.name));
    auto policy = parse_managed_policy(text);
    if (!policy.ok()) {
      return Error(code::kCorrupt,
                   fmt::format("{}/{}: {}", folder, entry.name, policy.error().message));
    }
    std::string arn = policy->arn;
    out.all_.emplace(std::move(arn), std::move(policy).value());
  }
  return out;
}

const ManagedPolicy* ManagedPolicies::find(std::string_view arn) const {
  const auto found = all_.find(arn);
  return found == all_.end() ? nullptr : &found->second;
}

}  // namespace tarn::iam
