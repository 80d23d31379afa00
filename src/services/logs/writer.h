// Writer: the port log_writer.h over the room's own groups, streams and events.
//
// Place: services/logs. Threads: as the port says.
#pragma once

#include <string>
#include <vector>

#include "platform/platform.h"
#include "services/iam/authorizer.h"
#include "services/logs/events.h"
#include "services/logs/groups.h"
#include "services/logs/log_writer.h"
#include "services/logs/streams.h"

namespace tarn::logs {

class Writer final : public LogWriter {
 public:
  Writer(platform::Platform platform, const iam::Authorizer& authorizer, Groups& groups,
         Streams& streams, Events& events)
      : platform_(platform),
        authorizer_(authorizer),
        groups_(groups),
        streams_(streams),
        events_(events) {}

  [[nodiscard]] Task<Status> append(Caller caller, std::string group, std::string stream,
                                    std::vector<LogLine> lines) override;

 private:
  // On the blocking pool.
  Status append_now(const Caller& caller, const std::string& group, const std::string& stream,
                    std::vector<std::vector<NewEvent>> batches);
  Result<std::shared_ptr<Group>> find_or_create(const Caller& caller, const std::string& name);

  platform::Platform platform_;
  const iam::Authorizer& authorizer_;
  Groups& groups_;
  Streams& streams_;
  Events& events_;
};

// `lines` in the order of time, in batches that Events::append takes as they are.
[[nodiscard]] std::vector<std::vector<NewEvent>> batches_of(std::vector<LogLine> lines);

}  // namespace tarn::logs
