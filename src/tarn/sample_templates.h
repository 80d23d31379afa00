// SampleTemplates: the bucket emrstudio.sample.templates, with the templates of the installation.
//
// Place: tarn. The guidance's launch links and its nested stacks name objects of that bucket, which
// on AWS is one of AWS's own. Here it is an ordinary bucket of the account: an operator may change
// objects, remove them, or remove it. What was put there is remembered in the store's space
// `account` (docs/formats/data-directory.md), so that an object which is no more as it was put is
// known to be the operator's and is never touched again
// (docs/decisions/2026-11-28-sample-templates.md). Threads: the control strand.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "platform/platform.h"
#include "services/s3/object_store.h"
#include "store/store.h"

namespace tarn::app {

inline constexpr std::string_view kSampleBucket = "emrstudio.sample.templates";

class SampleTemplates {
 public:
  // `share_directory` has the folders templates and notebooks, as an installation has them.
  SampleTemplates(platform::Platform platform, store::Store& store, s3::ObjectStore& objects,
                  std::string share_directory, std::string account_id)
      : platform_(platform),
        store_(store),
        objects_(objects),
        share_directory_(std::move(share_directory)),
        account_id_(std::move(account_id)) {}

  // Puts what is new or has changed since it was put. Objects that an operator changed or removed
  // stay so. Errors: kIo, kCorrupt, kDiskFull, those of the object store.
  [[nodiscard]] Task<Status> put_all();

 private:
  struct Sample {
    std::string key;  // "templates/emr-studio-setup.yaml"
    std::string content;
    std::string_view content_type;
  };
  // What was put last under a key.
  struct Remembered {
    std::string digest;  // SHA-256 of the content, hexadecimal
    std::string etag;
  };

  [[nodiscard]] Result<std::vector<Sample>> read_samples() const;
  Status read_folder(std::string_view folder, std::string_view ending,
                     std::string_view content_type, std::vector<Sample>& out) const;
  // Whether the bucket is there, made where it never was.
  [[nodiscard]] Task<Result<bool>> keep_bucket();
  [[nodiscard]] Task<Status> put(Sample sample);
  [[nodiscard]] Result<std::optional<Remembered>> recall(std::string_view key) const;
  [[nodiscard]] Task<Status> remember(std::string key, Remembered what);

  platform::Platform platform_;
  store::Store& store_;
  s3::ObjectStore& objects_;
  const std::string share_directory_;
  const std::string account_id_;
};

}  // namespace tarn::app
