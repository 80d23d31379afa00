// Signals: what programs tell a stack that waits for them.
//
// Place: services/cloudformation. Threads: the control strand.
//
// They come by PUT to the URL of an AWS::CloudFormation::WaitConditionHandle, or by SignalResource:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-waitcondition.html. They
// are kept, since they may come before anybody waits, and outlive the server.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "gateway/web.h"
#include "platform/platform.h"
#include "services/cloudformation/resource_type.h"
#include "store/journal.h"
#include "store/store.h"

namespace tarn::cloudformation {

inline constexpr std::size_t kMaxSignals = 1000;  // of one place
inline constexpr std::size_t kMaxSignalBytes = 4096;

struct Signal {
  bool is_success = true;
  std::string reason;
  std::string data;
};

// All signals, by place (a handle's word, or "STACK ARN/LOGICAL ID") and then by UniqueId: the web
// room /_tarn/wait-conditions/.
class Signals final : public gateway::WebRoom {
 public:
  // All must live on. `endpoint_host` is the server's own ("127.0.0.1:4566").
  Signals(platform::Platform& platform, store::Store& store, store::Journal& journal,
          std::string endpoint_host)
      : platform_(platform),
        store_(store),
        journal_(journal),
        endpoint_host_(std::move(endpoint_host)) {}

  // Reads what there is. Errors: kIo, kCorrupt.
  [[nodiscard]] Status load();

  // A new place, and its URL. Durable when it ends.
  [[nodiscard]] Task<Result<std::string>> open();
  // Opens a place that others name, where it is not open.
  [[nodiscard]] Task<Status> open_place(std::string place);
  // The place of a URL; empty where it is none of open()'s.
  [[nodiscard]] std::string place_of_url(std::string_view url) const;
  // Nothing where nobody waits there.
  [[nodiscard]] const std::map<std::string, Signal>* find(const std::string& place) const;
  // Durable when it ends. A UniqueId that came already stays as it was. Errors: ValidationError
  // (nobody waits there, too many).
  [[nodiscard]] Task<Status> add(std::string place, std::string unique_id, Signal signal);
  // Forgets the place and what came.
  [[nodiscard]] Task<Status> close(std::string place);

  // PUT WORD. Errors: 404, 405, 400 (no JSON object with Status and UniqueId).
  [[nodiscard]] Task<Result<wire::Response>> serve(gateway::WebRequest request) override;

 private:
  [[nodiscard]] Task<Status> keep(std::string place);

  platform::Platform& platform_;
  store::Store& store_;
  store::Journal& journal_;
  const std::string endpoint_host_;
  std::map<std::string, std::map<std::string, Signal>> places_;
};

}  // namespace tarn::cloudformation
