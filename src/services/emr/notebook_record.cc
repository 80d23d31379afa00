#include "services/emr/notebook_record.h"

#include "services/emr/record_parts.h"

namespace tarn::emr {

std::string execution_key(std::string_view id) {
  return fmt::format("{}{}", kExecutionPrefix, id);
}

std::string encode(const ExecutionRecord& execution) {
  return versioned({{"id", execution.id},
                    {"account", execution.account},
                    {"region", execution.region},
                    {"request", shape_json(execution.request)},
                    {"tags", execution.tags},
                    {"state", execution.state},
                    {"reason", execution.reason},
                    {"output_bucket", execution.output_bucket},
                    {"output_key", execution.output_key},
                    {"started", execution.started.ms},
                    {"ended", time_json(execution.ended)}});
}

Result<ExecutionRecord> decode_execution(std::string_view record) {
  TARN_TRY(const nlohmann::json value, parse_record(record, "notebook execution"));
  ExecutionRecord out;
  TARN_CHECK(read_shape(value, "request", out.request));
  out.id = value.value("id", "");
  out.account = value.value("account", "");
  out.region = value.value("region", "");
  out.tags = value.value("tags", std::map<std::string, std::string>());
  out.state = value.value("state", "");
  out.reason = value.value("reason", "");
  out.output_bucket = value.value("output_bucket", "");
  out.output_key = value.value("output_key", "");
  out.started.ms = value.value("started", std::int64_t{0});
  out.ended = read_time(value, "ended");
  // A record that ended tells when.
  if (out.over() && !out.ended) out.ended = out.started;
  return out;
}

}  // namespace tarn::emr
