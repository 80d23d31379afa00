#include "tarn/sample_templates.h"

#include <optional>
#include <utility>

#include "platform/log.h"
#include "wire/body.h"
#include "wire/checksum.h"
#include "wire/digest.h"
#include "wire/encoding.h"
#include "wire/json_value.h"

namespace tarn::app {

namespace {

// Where AWS's bucket of that name is; the guidance's links say so.
constexpr std::string_view kSampleRegion = "us-west-2";
constexpr std::string_view kSamplePrefix = "sample/";  // of keys in the store
constexpr std::string_view kBucketKey = "sample-bucket";

std::string md5_of(std::string_view content) {
  wire::Checksum md5(wire::ChecksumAlgorithm::kMd5);
  md5.update(content);
  return wire::to_hex(md5.digest());
}

}  // namespace

Status SampleTemplates::read_folder(std::string_view folder, std::string_view ending,
                                    std::string_view content_type, std::vector<Sample>& out) const {
  const std::string path = share_directory_ + "/" + std::string(folder);
  if (!platform_.files.exists(path)) return {};
  TARN_TRY(const auto entries, platform_.files.list(path));
  for (const platform::DirectoryEntry& entry : entries) {
    if (entry.is_directory || !entry.name.ends_with(ending)) continue;
    Sample sample;
    sample.key = std::string(folder) + "/" + entry.name;
    TARN_TRY(sample.content, platform_.files.read(path + "/" + entry.name));
    sample.content_type = content_type;
    out.push_back(std::move(sample));
  }
  return {};
}

Result<std::vector<SampleTemplates::Sample>> SampleTemplates::read_samples() const {
  std::vector<Sample> out;
  TARN_CHECK(read_folder("templates", ".yaml", "application/yaml", out));
  TARN_CHECK(read_folder("notebooks", ".ipynb", "application/x-ipynb+json", out));
  return out;
}

Result<std::optional<SampleTemplates::Remembered>> SampleTemplates::recall(
    std::string_view key) const {
  TARN_TRY(const auto record,
           store_.get(store::Space::kAccount, std::string(kSamplePrefix) + std::string(key)));
  if (!record) return std::optional<Remembered>();
  const auto json = wire::parse_json(*record);
  if (!json.is_object() || json.value("v", 0) != 1) {
    return Error(code::kCorrupt, "the record of the sample " + std::string(key) +
                                     " in the store is not readable by this version of tarn");
  }
  return std::optional<Remembered>({json.value("sha256", ""), json.value("etag", "")});
}

Task<Status> SampleTemplates::remember(std::string key, Remembered what) {
  const auto commit = [&] {
    store::Batch batch;
    batch.put(store::Space::kAccount, std::string(kSamplePrefix) + key,
              nlohmann::json{{"v", 1}, {"sha256", what.digest}, {"etag", what.etag}}.dump());
    return store_.commit(batch);
  };
  co_return co_await platform_.tasks.offload(commit);
}

Task<Result<bool>> SampleTemplates::keep_bucket() {
  const auto found = objects_.bucket(kSampleBucket);
  if (found.ok()) co_return true;
  if (!found.error().is("NoSuchBucket")) co_return found.error();
  TARN_CO_TRY(const auto made_before, store_.get(store::Space::kAccount, kBucketKey));
  if (made_before) {
    spdlog::info("samples: {} was removed, and stays so", kSampleBucket);
    co_return false;
  }
  s3::StoredBucket bucket;
  bucket.name = kSampleBucket;
  bucket.owner = account_id_;
  bucket.region = kSampleRegion;
  bucket.created = {platform_.clock.now().seconds() * 1000};
  TARN_CO_CHECK(co_await objects_.create_bucket(std::move(bucket)));
  co_return true;
}

Task<Status> SampleTemplates::put(Sample sample) {
  const std::string digest = wire::to_hex(wire::sha256(sample.content));
  TARN_CO_TRY(const auto last, recall(sample.key));
  if (last && last->digest == digest) co_return Status();
  s3::PutOptions options;
  options.headers.content_type = sample.content_type;
  const auto there = objects_.head(kSampleBucket, sample.key);
  if (there.ok()) {
    // The server may have ended between an object and its record.
    if (there->etag == md5_of(sample.content)) {
      Remembered same{digest, there->etag};
      co_return co_await remember(std::move(sample.key), std::move(same));
    }
    if (!last || last->etag != there->etag) {
      spdlog::info("samples: s3://{}/{} is the operator's own, and stays so", kSampleBucket,
                   sample.key);
      co_return Status();
    }
    options.condition.if_match = "\"" + there->etag + "\"";
  } else if (!there.error().is("NoSuchKey")) {
    co_return there.error();
  } else if (last) {
    co_return Status();  // an operator removed it
  } else {
    options.condition.if_none_match = "*";
  }
  std::string bucket(kSampleBucket);
  std::string key = sample.key;
  wire::Body body = wire::make_body(std::move(sample.content));
  TARN_CO_TRY(const s3::StoredObject stored,
              co_await objects_.put(std::move(bucket), std::move(key), std::move(body),
                                    std::move(options)));
  Remembered now{digest, stored.etag};
  co_return co_await remember(std::move(sample.key), std::move(now));
}

Task<Status> SampleTemplates::put_all() {
  TARN_CO_TRY(std::vector<Sample> samples, read_samples());
  if (samples.empty()) co_return Status();
  TARN_CO_TRY(const bool has_bucket, co_await keep_bucket());
  if (!has_bucket) co_return Status();
  for (Sample& sample : samples) TARN_CO_CHECK(co_await put(std::move(sample)));
  const auto commit = [&] {
    store::Batch batch;
    batch.put(store::Space::kAccount, std::string(kBucketKey), R"({"v":1})");
    return store_.commit(batch);
  };
  TARN_CO_TRY(const auto noted, store_.get(store::Space::kAccount, kBucketKey));
  if (noted) co_return Status();
  co_return co_await platform_.tasks.offload(commit);
}

}  // namespace tarn::app
