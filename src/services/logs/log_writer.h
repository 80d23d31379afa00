// LogWriter: log lines of other rooms, written to CloudWatch Logs as somebody, in process.
//
// Place: services/logs; the port that other rooms see (Lambda's, for the output of functions). It
// may do no more than its caller may: without logs:PutLogEvents nothing is written, and without
// logs:CreateLogGroup and logs:CreateLogStream only where group and stream are there. Threads: any
// executor; what waits for the disk does so on the blocking pool.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "platform/clock.h"

namespace tarn::logs {

struct LogLine {
  Timestamp at;
  std::string text;  // an empty one is passed over
};

class LogWriter {
 public:
  virtual ~LogWriter() = default;

  // Appends `lines`, in any order of time, to a stream of `caller.account_id` in `caller.region`,
  // in as few batches as their limits allow; makes group and stream where they are not there. A
  // line that is longer than an event may be becomes several. Durable when it ends. Lines older
  // than 14 days (or than the group keeps) or two hours in the future are dropped. Errors:
  // AccessDenied (who, what, on which log group); ResourceNotFoundException (it was
  // deleted meanwhile); InvalidParameterException (a name that is none); those of the store.
  [[nodiscard]] virtual Task<Status> append(Caller caller, std::string group, std::string stream,
                                            std::vector<LogLine> lines) = 0;
};

}  // namespace tarn::logs
