// GeneratorRoom: the data generator as a service, at /_tarn/generator.
//
//     GET    /_tarn/generator           what it takes, and the caller's runs
//     POST   /_tarn/generator/runs      {"stream": "emr-kinesis-stream", "rate": 100, "seconds":
//     600,
//                                        "count": 0, "template": "…", "partition_key": "…",
//                                        "seed": 1, "utc_offset": "+00:00"} → 201, the run
//     GET    /_tarn/generator/runs      the caller's runs, the newest first
//     GET    /_tarn/generator/runs/7    one: state, counts of records, errors
//     DELETE /_tarn/generator/runs/7    stops it → 202, the run
//
// Only "stream" must be given; without a template it is the installation's sample of pixel events.
// Whoever may kinesis:DescribeStreamSummary and kinesis:PutRecords may send; one sees one's own
// runs, the account's root all. Place: tarn. Threads: the control strand.
#pragma once

#include <string>

#include "gateway/web.h"
#include "tarn/generator_runs.h"

namespace tarn::app {

class GeneratorRoom final : public gateway::WebRoom {
 public:
  // `sample` is a record template.
  GeneratorRoom(GeneratorRuns& runs, std::string sample)
      : runs_(runs), sample_(std::move(sample)) {}

  // Errors: 400 with the reason, 401 without keys, 403, 404, 405, 429.
  [[nodiscard]] Task<Result<wire::Response>> serve(gateway::WebRequest request) override;

 private:
  [[nodiscard]] Task<Result<wire::Response>> begin(gateway::WebRequest request);
  [[nodiscard]] nlohmann::json runs_of(const Caller& caller) const;

  GeneratorRuns& runs_;
  const std::string sample_;
};

}  // namespace tarn::app
