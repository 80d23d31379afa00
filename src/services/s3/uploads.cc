#include "services/s3/uploads.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "services/s3/embedded_store.h"
#include "services/s3/faults.h"
#include "services/s3/record.h"
#include "services/s3/versions.h"
#include "wire/encoding.h"

namespace tarn::s3 {
namespace {

using store::Space;

Result<StoredUpload> decode_found(const UploadName& name,
                                  const std::optional<std::string>& record) {
  if (!record) return no_such_upload(name.id);
  TARN_TRY(StoredUpload upload, decode_upload(*record));
  upload.bucket = name.bucket;
  upload.key = name.key;
  upload.id = name.id;
  return upload;
}

std::string key_of(const UploadName& name) {
  return upload_key(name.bucket, name.key, name.id);
}

std::uint32_t part_number_of(std::string_view key) {
  const auto high = static_cast<unsigned char>(key[key.size() - 2]);
  const auto low = static_cast<unsigned char>(key[key.size() - 1]);
  return static_cast<std::uint32_t>(high) << 8 | low;
}

using PartTable = std::map<std::uint32_t, StoredPart>;

Result<PartTable> all_parts(Draft& draft, const std::string& upload_id) {
  TARN_TRY(const auto records, draft.scan(Space::kS3, part_prefix(upload_id), kMaxPartNumber));
  PartTable parts;
  for (const auto& [key, value] : records) {
    const std::uint32_t number = part_number_of(key);
    TARN_TRY(StoredPart part, decode_part(number, value));
    parts.emplace(number, std::move(part));
  }
  return parts;
}

tarn::Error invalid_part(const NamedPart& part, const UploadName& name) {
  tarn::Error error("InvalidPart",
                    "One or more of the specified parts could not be found.  The part may not "
                    "have been uploaded, or the specified entity tag may not match the part's "
                    "entity tag.");
  error.details.emplace_back("UploadId", name.id);
  error.details.emplace_back("PartNumber", std::to_string(part.number));
  error.details.emplace_back("ETag", part.etag);
  return error;
}

tarn::Error too_small(const StoredPart& part) {
  tarn::Error error("EntityTooSmall",
                    "Your proposed upload is smaller than the minimum allowed size");
  error.details.emplace_back("ProposedSize", std::to_string(part.size));
  error.details.emplace_back("MinSizeAllowed", std::to_string(kMinPartBytes));
  error.details.emplace_back("PartNumber", std::to_string(part.number));
  error.details.emplace_back("ETag", wire::to_hex(part.md5));
  return error;
}

// The named parts in order, checked one by one.
Result<std::vector<const StoredPart*>> choose(const UploadName& name, const StoredUpload& upload,
                                              const std::vector<NamedPart>& named,
                                              const PartTable& parts) {
  if (named.empty()) {
    return tarn::Error("MalformedXML",
                       "The XML you provided was not well-formed or did not validate against our "
                       "published schema");
  }
  std::vector<const StoredPart*> chosen;
  for (const NamedPart& part : named) {
    if (!chosen.empty() && part.number <= chosen.back()->number) {
      return tarn::Error("InvalidPartOrder",
                         "The list of parts was not in ascending order. Parts must be ordered by "
                         "part number.");
    }
    const auto found = parts.find(part.number);
    if (found == parts.end() || !etag_matches(part.etag, wire::to_hex(found->second.md5))) {
      return invalid_part(part, name);
    }
    const StoredPart& stored = found->second;
    for (const auto& [algorithm, value] : part.checksums) {
      // An upload without an algorithm of its own takes parts under any.
      const bool foreign = algorithm != stored.checksum.algorithm;
      if (foreign && !upload.checksum_requested) continue;
      if (foreign || wire::from_base64(value) != stored.checksum.value) {
        return invalid_part(part, name);
      }
    }
    chosen.push_back(&stored);
  }
  for (std::size_t i = 0; i + 1 < chosen.size(); ++i) {
    if (chosen[i]->size < kMinPartBytes) return too_small(*chosen[i]);
  }
  return chosen;
}

// Full-object: the CRC of the whole out of those of the parts. Composite: the checksum of the
// checksums.
StoredChecksum whole_checksum(const StoredUpload& upload,
                              const std::vector<const StoredPart*>& parts) {
  StoredChecksum whole;
  whole.algorithm = upload.checksum_algorithm;
  whole.composite = upload.checksum_composite;
  wire::Checksum sum(upload.checksum_algorithm);
  if (!whole.composite) whole.value = sum.digest();
  for (const StoredPart* part : parts) {
    if (whole.composite) {
      sum.update(part->checksum.value);
    } else {
      whole.value =
          wire::combine_crc(whole.algorithm, whole.value, part->checksum.value, part->size);
    }
  }
  if (whole.composite) whole.value = sum.digest();
  return whole;
}

Status check_declared(const UploadCompletion& completion, const StoredObject& object) {
  if (completion.size && *completion.size != object.size) {
    return tarn::Error("InvalidRequest",
                       fmt::format("The provided 'x-amz-mp-object-size' header value {} does not "
                                   "match what was computed: {}",
                                   *completion.size, object.size));
  }
  const StoredChecksum& kept = *object.checksum;
  if (completion.composite && *completion.composite != kept.composite) {
    return tarn::Error("InvalidRequest",
                       fmt::format("The upload was created using the {} checksum mode. The "
                                   "complete request must use the same checksum mode.",
                                   kept.composite ? "COMPOSITE" : "FULL_OBJECT"));
  }
  for (const auto& [algorithm, declared] : completion.checksums) {
    const std::string_view base64 = std::string_view(declared).substr(0, declared.find('-'));
    if (algorithm != kept.algorithm || wire::from_base64(base64) != kept.value) {
      return tarn::Error("BadDigest",
                         fmt::format("The {} you specified did not match the calculated checksum.",
                                     wire::checksum_name(algorithm)));
    }
  }
  return {};
}

StoredObject assemble(const StoredUpload& upload, const std::vector<const StoredPart*>& parts,
                      BodyRecord& body) {
  wire::Checksum md5(wire::ChecksumAlgorithm::kMd5);
  body.kind = BodyKind::kComposite;
  for (const StoredPart* part : parts) {
    md5.update(part->md5);
    body.size += part->size;
    body.segments.push_back({part->body, part->size, part->number, part->checksum.value});
  }
  StoredObject object;
  object.size = body.size;
  object.etag = fmt::format("{}-{}", wire::to_hex(md5.digest()), parts.size());
  object.checksum = whole_checksum(upload, parts);
  object.part_count = static_cast<std::uint32_t>(parts.size());
  object.upload_id = upload.id;
  object.headers = upload.headers;
  object.tags = upload.tags;
  object.encryption = upload.encryption;
  return object;
}

}  // namespace

Uploads::Uploads(platform::Platform platform, Bodies& bodies, Ledger& ledger,
                 Encryption& encryption)
    : platform_(platform), bodies_(bodies), ledger_(ledger), encryption_(encryption) {}

Task<Result<std::string>> Uploads::create(StoredUpload upload, EncryptionRequest encryption,
                                          std::optional<Caller> caller) {
  TARN_CO_TRY(const auto bucket, bodies_.store().get(Space::kS3, bucket_key(upload.bucket)));
  if (!bucket) co_return no_such_bucket(upload.bucket);
  TARN_CO_TRY(StoredBucket target, decode_bucket(upload.bucket, *bucket));
  // One data key for all parts; every part has a key of its own under it.
  std::string key = upload.key;
  TARN_CO_TRY(ObjectKey sealing,
              co_await encryption_.begin(std::move(target), std::move(key), std::move(encryption),
                                         std::move(caller)));
  upload.encryption = std::move(sealing.stored);
  upload.initiated = {platform_.clock.now().ms / 1000 * 1000};
  // Ids grow with time, so that uploads of one key are listed in the order of their beginning.
  upload.id =
      fmt::format("{:012x}", platform_.clock.now().ms) +
      platform_.random.text(kUploadIdLength - 12,
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
  Ledger::Mutation mutation = [&upload](Draft& draft) -> Status {
    TARN_CHECK(find_bucket(draft, upload.bucket));
    draft.put(Space::kS3, upload_key(upload.bucket, upload.key, upload.id), encode(upload));
    return {};
  };
  TARN_CO_CHECK(co_await ledger_.apply(std::move(mutation)));
  co_return upload.id;
}

Result<StoredUpload> Uploads::find(const UploadName& name) {
  TARN_TRY(const auto bucket, bodies_.store().get(Space::kS3, bucket_key(name.bucket)));
  if (!bucket) return no_such_bucket(name.bucket);
  TARN_TRY(const auto record, bodies_.store().get(Space::kS3, key_of(name)));
  return decode_found(name, record);
}

Task<Result<StoredPart>> Uploads::put_part(UploadName name, std::uint32_t number, wire::Body body,
                                           Integrity integrity, std::optional<Caller> caller) {
  TARN_CO_TRY(const StoredUpload upload, find(name));
  TARN_CO_CHECK(integrity.check_form());
  integrity.fallback = upload.checksum_algorithm;
  Intention intention = integrity.intention(upload.encryption.kind);
  TARN_CO_TRY(intention.data_key,
              encryption_.open(caller, name.bucket, name.key, upload.encryption));
  std::vector<wire::ChecksumAlgorithm>& wanted = intention.checksums;
  if (wanted.size() == 1 && wanted.front() != upload.checksum_algorithm) {
    if (upload.checksum_requested) {
      co_return tarn::Error(
          "InvalidRequest",
          fmt::format("Checksum Type mismatch occurred, expected checksum Type: {}, actual "
                      "checksum Type: {}",
                      wire::to_lower(wire::checksum_name(upload.checksum_algorithm)),
                      wire::to_lower(wire::checksum_name(wanted.front()))));
    }
    wanted.push_back(upload.checksum_algorithm);
  }
  if (!body) body = wire::make_body({});
  TARN_CO_TRY(NewBody received, co_await bodies_.receive(*body, std::move(intention)));
  TARN_CO_CHECK(integrity.verify(received, body->trailers()));
  StoredPart part;
  part.number = number;
  part.size = received.size();
  part.md5 = received.etag();
  part.checksum.algorithm = upload.checksum_algorithm;
  part.checksum.value = received.checksum(upload.checksum_algorithm);
  part.body = received.ref();
  Ledger::Mutation mutation = [&](Draft& draft) -> Status {
    TARN_TRY(const auto still, draft.get(Space::kS3, key_of(name)));
    if (!still) return no_such_upload(name.id);
    const std::string key = part_key(name.id, number);
    TARN_TRY(const auto before, draft.get(Space::kS3, key));
    if (before) {
      TARN_TRY(const StoredPart replaced, decode_part(number, *before));
      TARN_CHECK(discard_body(draft, replaced.body));
    }
    part.last_modified = {platform_.clock.now().ms / 1000 * 1000};
    draft.put(Space::kS3, body_key(part.body.id), encode(received.record()));
    draft.put(Space::kS3, key, encode(part));
    return {};
  };
  TARN_CO_CHECK(co_await ledger_.apply(std::move(mutation)));
  received.keep();
  co_return part;
}

Status Uploads::completed(Draft& draft, const UploadName& name, const UploadCompletion& completion,
                          bool existed, StoredObject& made) {
  TARN_TRY(const StoredBucket bucket, find_bucket(draft, name.bucket));
  TARN_TRY(const auto before, find_object(draft, name.bucket, name.key));
  TARN_TRY(const auto record, draft.get(Space::kS3, key_of(name)));
  if (!record && before && before->upload_id == name.id) {
    made = *before;  // a repeat whose first answer was lost
    return {};
  }
  TARN_TRY(const StoredUpload upload, decode_found(name, record));
  TARN_TRY(const PartTable parts, all_parts(draft, name.id));
  TARN_TRY(const auto chosen, choose(name, upload, completion.parts, parts));
  BodyRecord body;
  StoredObject object = assemble(upload, chosen, body);
  TARN_CHECK(check_declared(completion, object));
  TARN_CHECK(check(completion.condition, before ? &*before : nullptr, existed));
  object.body = made.body;
  object.last_modified = {platform_.clock.now().ms / 1000 * 1000};
  for (const auto& [number, part] : parts) {
    const bool used = std::binary_search(
        chosen.begin(), chosen.end(), &part,
        [](const StoredPart* a, const StoredPart* b) { return a->number < b->number; });
    if (!used) TARN_CHECK(discard_body(draft, part.body));
    draft.remove(Space::kS3, part_key(name.id, number));
  }
  draft.remove(Space::kS3, key_of(name));
  draft.put(Space::kS3, body_key(object.body.id), encode(body));
  TARN_CHECK(place_object(draft, bucket, name.key, before, platform_.random, object));
  made = std::move(object);
  return {};
}

Task<Result<StoredObject>> Uploads::complete(UploadName name, UploadCompletion completion) {
  TARN_CO_TRY(const auto current,
              bodies_.store().get(Space::kS3Index, object_key(name.bucket, name.key)));
  const bool existed = current.has_value();
  const BodyRef body = bodies_.fresh_composite();
  StoredObject made;
  Ledger::Mutation mutation = [&](Draft& draft) -> Status {
    made.body = body;
    return completed(draft, name, completion, existed, made);
  };
  TARN_CO_CHECK(co_await ledger_.apply(std::move(mutation)));
  co_return made;
}

Task<Status> Uploads::abort(UploadName name, std::optional<Timestamp> if_initiated) {
  Ledger::Mutation mutation = [&](Draft& draft) -> Status {
    TARN_CHECK(find_bucket(draft, name.bucket));
    TARN_TRY(const auto record, draft.get(Space::kS3, key_of(name)));
    TARN_TRY(const StoredUpload upload, decode_found(name, record));
    if (if_initiated && if_initiated->seconds() != upload.initiated.seconds()) {
      return tarn::Error("PreconditionFailed",
                         "At least one of the pre-conditions you specified did not hold", 412);
    }
    TARN_TRY(const PartTable parts, all_parts(draft, name.id));
    for (const auto& [number, part] : parts) {
      TARN_CHECK(discard_body(draft, part.body));
      draft.remove(Space::kS3, part_key(name.id, number));
    }
    draft.remove(Space::kS3, key_of(name));
    return {};
  };
  co_return co_await ledger_.apply(std::move(mutation), false);
}

Result<PartPage> Uploads::parts(const UploadName& name, std::uint32_t after, std::size_t limit) {
  PartPage page;
  TARN_TRY(page.upload, find(name));
  const std::string prefix = part_prefix(name.id);
  const auto cursor = bodies_.store().cursor(Space::kS3);
  cursor->seek(part_key(name.id, after + 1));
  for (; cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
    if (page.parts.size() == limit) {
      page.truncated = true;
      break;
    }
    TARN_TRY(StoredPart part, decode_part(part_number_of(cursor->key()), cursor->value()));
    page.parts.push_back(std::move(part));
  }
  TARN_CHECK(cursor->status());
  return page;
}

Result<UploadPage> Uploads::list(const UploadQuery& query) {
  UploadPage page;
  const std::string base = upload_prefix(query.bucket, query.prefix);
  const auto cursor = bodies_.store().cursor(Space::kS3);
  cursor->seek(std::max(base, upload_prefix(query.bucket, query.key_marker)));
  for (; cursor->valid() && cursor->key().starts_with(base); cursor->next()) {
    TARN_TRY(auto name, split_upload_key(query.bucket, cursor->key()));
    auto& [key, id] = name;
    // After the marker: greater keys, and with an id marker the later uploads of the same key.
    if (key < query.key_marker) continue;
    if (!query.key_marker.empty() && key == query.key_marker &&
        (query.id_marker.empty() || id <= query.id_marker)) {
      continue;
    }
    const std::size_t cut = query.delimiter.empty()
                                ? std::string::npos
                                : key.find(query.delimiter, query.prefix.size());
    const std::string folder =
        cut == std::string::npos ? "" : key.substr(0, cut + query.delimiter.size());
    if (!folder.empty() &&
        (folder == query.key_marker ||
         (!page.common_prefixes.empty() && page.common_prefixes.back() == folder))) {
      continue;
    }
    if (page.uploads.size() + page.common_prefixes.size() == query.max_uploads) {
      page.truncated = true;
      break;
    }
    page.next_key = folder.empty() ? key : folder;
    page.next_id = folder.empty() ? id : "";
    if (!folder.empty()) {
      page.common_prefixes.push_back(folder);
      continue;
    }
    TARN_TRY(StoredUpload upload, decode_upload(cursor->value()));
    upload.bucket = query.bucket;
    upload.key = std::move(key);
    upload.id = std::move(id);
    page.uploads.push_back(std::move(upload));
  }
  TARN_CHECK(cursor->status());
  return page;
}

}  // namespace tarn::s3
