// Studios: EMR Studios of the account and who is assigned to them, kept in the store.
//
// Place: services/emr, under studio_actions.cc and studio_mapping_actions.cc. Threads: the control
// strand, but for load().
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "services/emr/api.h"
#include "store/journal.h"
#include "store/store.h"

namespace tarn::emr {

// A user or group of IAM Identity Center that may use a Studio.
struct StudioMapping {
  std::string identity_type;  // "USER", "GROUP"
  std::string identity_id;    // one of both is given
  std::string identity_name;
  std::string policy_arn;
  Timestamp created;
  Timestamp modified;
};

struct StudioRecord {
  std::string id;  // "es-…"
  std::string account;
  std::string region;
  CreateStudioInput request;  // as it came, with what UpdateStudio changed
  std::map<std::string, std::string> tags;
  Timestamp created;
  std::vector<StudioMapping> mappings;

  [[nodiscard]] std::string arn() const;
  // nullptr: there is none.
  [[nodiscard]] StudioMapping* find_mapping(std::string_view type, std::string_view identity,
                                            std::string_view name);
};

class Studios {
 public:
  explicit Studios(store::Journal& journal) : journal_(journal) {}

  // Blocks. Errors: kIo, kCorrupt.
  [[nodiscard]] Status load(store::Store& store);

  // Writes it, a first time or again, and keeps it then; all stays where that fails. Errors: kIo,
  // kDiskFull.
  [[nodiscard]] Task<Status> put(StudioRecord studio);
  [[nodiscard]] Task<Status> remove(std::string id);
  // nullptr: there is none in the account and Region.
  [[nodiscard]] const StudioRecord* find(const Caller& caller, std::string_view id) const;
  // Newest first.
  [[nodiscard]] std::vector<const StudioRecord*> list(const Caller& caller) const;

 private:
  store::Journal& journal_;
  std::map<std::string, StudioRecord, std::less<>> all_;  // by id
};

}  // namespace tarn::emr
