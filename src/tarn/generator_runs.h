// GeneratorRuns: record templates that the server itself renders and sends to a stream, while it
// runs, for whoever asked for them.
//
// Place: tarn; under generator_room.h. Records go through kinesis:PutRecords in process, validated
// and authorized as those of the caller at each batch; what it refuses is sent again as
// `tarn generate` does (generator/sender.h). Nothing of a run is kept: it ends with the server.
// Threads: the control strand.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "gateway/in_process.h"
#include "generator/sender.h"
#include "platform/platform.h"
#include "services/iam/credentials.h"
#include "wire/json_value.h"

namespace tarn::app {

// What is asked for.
struct GeneratorOrder {
  std::string stream;                             // name or ARN
  std::string record_template;                    // of the Kinesis Data Generator
  std::string partition_key = "{{random.uuid}}";  // a template, too
  double rate = 100;                              // records a second
  std::uint64_t count = 0;                        // 0: no limit
  std::chrono::seconds duration{600};
  std::optional<std::uint64_t> seed;
  int utc_offset_minutes = 0;
};

class GeneratorRuns {
 public:
  // The control strand has other work: more than this is for `tarn generate`.
  static constexpr double kMostRate = 5'000;  // records a second
  static constexpr std::chrono::seconds kLongest{24 * 3600};
  static constexpr std::size_t kMostRunning = 8;
  static constexpr std::size_t kMostKept = 32;

  struct Run {
    Run(int number, Caller who, GeneratorOrder asked, generator::Sender sends)
        : id(number), caller(std::move(who)), order(std::move(asked)), sender(std::move(sends)) {}

    int id;
    Caller caller;
    GeneratorOrder order;
    generator::Sender sender;
    Timestamp started;
    std::optional<Timestamp> ended;
    bool is_stopped = false;  // somebody asked for it
    std::string reason;       // why it did not go on
  };
  using RunPointer = std::shared_ptr<Run>;

  // All must live on.
  GeneratorRuns(platform::Platform platform, const gateway::InProcess& calls,
                const iam::Credentials& credentials)
      : platform_(platform), calls_(calls), credentials_(credentials) {}

  // A run that has begun. Errors, with their HTTP status: BadRequest (the template, with line and
  // column; a rate or duration out of range), TooManyRequests, and those of
  // kinesis:DescribeStreamSummary (no such stream, no permission).
  [[nodiscard]] Task<Result<RunPointer>> begin(Caller caller, GeneratorOrder order);
  // nullptr where there is none.
  [[nodiscard]] RunPointer find(int id) const;
  // The newest first.
  [[nodiscard]] const std::deque<RunPointer>& all() const { return runs_; }
  // It makes no more records; what was made is brought home first.
  void stop(Run& run);
  // Ends all of them; waits for what is under way.
  [[nodiscard]] Task<void> shut_down();

 private:
  [[nodiscard]] Task<void> drive(RunPointer run);
  [[nodiscard]] Task<generator::Answer> send(RunPointer run, const generator::Batch& batch) const;
  [[nodiscard]] std::size_t running() const;

  platform::Platform platform_;
  const gateway::InProcess& calls_;
  const iam::Credentials& credentials_;
  std::deque<RunPointer> runs_;
  int last_id_ = 0;
  bool stopping_ = false;
};

// As clients get it.
[[nodiscard]] nlohmann::json to_json(const GeneratorRuns::Run& run);

}  // namespace tarn::app
