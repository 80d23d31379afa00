#include "services/lambda/functions.h"

#include <mutex>
#include <utility>

#include "platform/log.h"
#include "services/lambda/record.h"
#include "wire/encoding.h"

namespace tarn::lambda {
namespace {

constexpr std::string_view kTagKey = "aws:resourcetag/";

std::string key_of(std::string_view region, std::string_view name) {
  return std::string(region) + "/" + std::string(name);
}

// The parts of "arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]" up to the name.
std::string_view without_qualifier(std::string_view arn) {
  constexpr int kColonsBeforeQualifier = 7;
  std::size_t at = 0;
  for (int i = 0; i < kColonsBeforeQualifier; ++i) {
    at = arn.find(':', at);
    if (at == std::string_view::npos) return arn;
    ++at;
  }
  return arn.substr(0, at - 1);
}

}  // namespace

Error function_not_found(const std::string& arn) {
  return {"ResourceNotFoundException", "Function not found: " + arn, 404};
}

Status Functions::load() {
  TARN_TRY(const auto records, store_.scan(store::Space::kLambda, kFunctionPrefix));
  for (const auto& [key, value] : records) {
    TARN_TRY(FunctionRecord function, decode_function(value));
    std::string place = key_of(function.region, function.name);
    auto entry = std::make_shared<const FunctionRecord>(std::move(function));
    guard(*entry);
    entries_[std::move(place)] = std::move(entry);
  }
  return {};
}

Functions::Entry Functions::find(std::string_view region, std::string_view name) const {
  const auto found = entries_.find(key_of(region, name));
  return found == entries_.end() ? nullptr : found->second;
}

std::vector<Functions::Entry> Functions::all(std::string_view region) const {
  std::vector<Entry> out;
  for (const auto& [key, entry] : entries_) {
    if (entry->region == region) out.push_back(entry);
  }
  return out;
}

std::set<std::string> Functions::packages() const {
  std::set<std::string> out;
  for (const auto& [key, entry] : entries_) {
    out.insert(entry->latest.code.sha256);
    for (const auto& [number, version] : entry->versions) out.insert(version.code.sha256);
  }
  return out;
}

Functions::Entry Functions::put(const std::string& key, Entry entry) {
  Entry before;
  if (const auto found = entries_.find(key); found != entries_.end()) before = found->second;
  if (entry != nullptr) {
    guard(*entry);
    entries_[key] = std::move(entry);
    return before;
  }
  entries_.erase(key);
  if (before != nullptr) {
    const std::unique_lock lock(mutex_);
    guards_.erase(before->arn());
  }
  return before;
}

void Functions::guard(const FunctionRecord& function) {
  Guard out{nullptr, function.tags};
  if (!function.policy.empty()) {
    auto parsed =
        iam::policy::Document::parse(function.policy, iam::policy::Document::Kind::kResource);
    if (parsed.ok()) {
      out.policy = *parsed;
    } else {
      spdlog::error("lambda: the policy of {} cannot be read: {}", function.arn(),
                    parsed.error().message);
    }
  }
  const std::unique_lock lock(mutex_);
  guards_[function.arn()] = std::move(out);
}

// Seen by others at once; where it could not be kept, they see again what was before.
Task<Status> Functions::commit(std::string key, Entry entry) {
  store::Batch batch;
  const std::string place = std::string(kFunctionPrefix) + key;
  if (entry != nullptr) {
    batch.put(store::Space::kLambda, place, encode(*entry));
  } else {
    batch.remove(store::Space::kLambda, place);
  }
  Entry before = put(key, std::move(entry));
  Status kept = co_await journal_.commit(std::move(batch));
  if (!kept.ok()) put(key, std::move(before));
  co_return kept;
}

Task<Status> Functions::add(FunctionRecord function) {
  std::string key = key_of(function.region, function.name);
  Entry entry = std::make_shared<const FunctionRecord>(std::move(function));
  co_return co_await commit(std::move(key), std::move(entry));
}

Task<Result<Functions::Entry>> Functions::change(std::string region, std::string name,
                                                 Change change) {
  const Entry before = find(region, name);
  if (before == nullptr) co_return function_not_found(name);
  FunctionRecord changed = *before;
  TARN_CO_CHECK(change(changed));
  Entry entry = std::make_shared<const FunctionRecord>(std::move(changed));
  std::string key = key_of(region, name);
  TARN_CO_CHECK(co_await commit(std::move(key), entry));
  co_return entry;
}

Task<Status> Functions::remove(Entry function) {
  std::string key = key_of(function->region, function->name);
  co_return co_await commit(std::move(key), nullptr);
}

// A call may name a function by a part of its ARN, and with a version or alias.
std::string Functions::canonical(std::string_view action, std::string resource_arn) const {
  static_cast<void>(action);
  constexpr std::string_view kFunction = ":function:";
  // "…:function:123456789012:function:NAME": what the template of the overlay made of such a part.
  const std::size_t first = resource_arn.find(kFunction);
  const std::size_t last = resource_arn.rfind(kFunction);
  if (first != std::string::npos && last != first) resource_arn.erase(first, last - first);
  return resource_arn;
}

std::shared_ptr<const iam::policy::Document> Functions::find(std::string_view resource_arn) const {
  const std::shared_lock lock(mutex_);
  const auto found = guards_.find(without_qualifier(resource_arn));
  return found == guards_.end() ? nullptr : found->second.policy;
}

iam::policy::Values Functions::values(std::string_view key, std::string_view resource_arn) const {
  if (!key.starts_with(kTagKey)) return {};
  const std::shared_lock lock(mutex_);
  const auto found = guards_.find(without_qualifier(resource_arn));
  if (found == guards_.end()) return {};
  for (const auto& [name, value] : found->second.tags) {
    if (wire::to_lower(name) == key.substr(kTagKey.size())) return {value};
  }
  return {};
}

}  // namespace tarn::lambda
