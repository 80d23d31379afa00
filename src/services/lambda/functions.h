// Functions: all functions of the account, durable, with what was published of each.
//
// Place: services/lambda. Threads: the control strand, but for the policies, which the authorizer
// asks for from any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "platform/platform.h"
#include "services/iam/policy/document.h"
#include "services/iam/resource_policies.h"
#include "services/lambda/function.h"
#include "services/lambda/package.h"
#include "store/journal.h"
#include "store/store.h"

namespace tarn::lambda {

class Functions final : public iam::ResourcePolicies {
 public:
  using Entry = std::shared_ptr<const FunctionRecord>;
  using Change = std::function<Status(FunctionRecord&)>;

  Functions(platform::Platform& platform, store::Store& store, store::Journal& journal)
      : platform_(platform), store_(store), journal_(journal) {}

  // Reads all. Blocks. Errors: kIo, kCorrupt.
  [[nodiscard]] Status load();

  // nullptr where there is none.
  [[nodiscard]] Entry find(std::string_view region, std::string_view name) const;
  // Of a Region, by name.
  [[nodiscard]] std::vector<Entry> all(std::string_view region) const;
  // The SHA256 of every package that a version has.
  [[nodiscard]] std::set<std::string> packages() const;

  // Durable when it ends. Error: of the store.
  [[nodiscard]] Task<Status> add(FunctionRecord function);
  // Durable when it ends; what it gives is the function as it is then. Errors: those of `change`,
  // ResourceNotFoundException, of the store.
  [[nodiscard]] Task<Result<Entry>> change(std::string region, std::string name, Change change);
  [[nodiscard]] Task<Status> remove(Entry function);

  // For the authorizer.
  [[nodiscard]] std::string canonical(std::string_view action,
                                      std::string resource_arn) const override;
  [[nodiscard]] std::shared_ptr<const iam::policy::Document> find(
      std::string_view resource_arn) const override;
  [[nodiscard]] iam::policy::Values values(std::string_view key,
                                           std::string_view resource_arn) const override;

 private:
  struct Guard {
    std::shared_ptr<const iam::policy::Document> policy;
    std::map<std::string, std::string> tags;
  };

  // In memory, before it is durable; what was there before.
  Entry put(const std::string& key, Entry entry);
  [[nodiscard]] Task<Status> commit(std::string key, Entry entry);
  void guard(const FunctionRecord& function);

  platform::Platform& platform_;
  store::Store& store_;
  store::Journal& journal_;
  std::map<std::string, Entry, std::less<>> entries_;  // by region and name
  mutable std::shared_mutex mutex_;
  std::map<std::string, Guard, std::less<>> guards_;  // by ARN; by mutex_
};

// "The function 'x' doesn't exist", as Lambda says it.
[[nodiscard]] Error function_not_found(const std::string& arn);

}  // namespace tarn::lambda
