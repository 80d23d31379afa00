// Provisioning: the operations on provisioned products, each of which goes on by itself.
//
// Place: services/servicecatalog; one in the service. Threads: the control strand.
//
// An operation is a durable state machine (CREATED, IN_PROGRESS, SUCCEEDED or FAILED): its record
// is kept before the stack is touched, and the stack has the record's id as its token, so that one
// that was cut by the end of the server goes on when it starts again. States as
// https://docs.aws.amazon.com/servicecatalog/latest/dg/API_RecordDetail.html and
// https://docs.aws.amazon.com/servicecatalog/latest/dg/API_ProvisionedProductDetail.html have them.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "platform/bell.h"
#include "platform/platform.h"
#include "services/cloudformation/launches.h"
#include "services/servicecatalog/access.h"
#include "services/servicecatalog/catalog.h"

namespace tarn::servicecatalog {

// "SC-123456789012-pp-abcdefghijklm"
[[nodiscard]] std::string stack_name_of(std::string_view account_id,
                                        std::string_view provisioned_id);
// arn:aws:servicecatalog:REGION:ACCOUNT:stack/NAME/ID
[[nodiscard]] std::string provisioned_arn(std::string_view account_id, std::string_view region,
                                          const ProvisionedRecord& product);

class Provisioning {
 public:
  // All of it must live on.
  struct Surrounding {
    platform::Platform platform;
    Catalog& catalog;
    Identities identities;
    cloudformation::Launches& launches;
  };

  explicit Provisioning(Surrounding around) : around_(around) {}

  // An operation whose record is kept.
  void begin(std::string region, std::string record_id);
  // Those that the last server began.
  void resume();
  // Lets no operation take another step; ends when those under way have ended.
  [[nodiscard]] Task<void> shut_down();

 private:
  // What came of an operation.
  struct Outcome {
    std::string status;  // of the product; empty: it is gone
    std::string error_code;
    std::string error;  // empty: it succeeded
    std::vector<StackOutput> outputs;
  };
  using Edit = std::function<void(OperationRecord&, ProvisionedRecord&)>;

  [[nodiscard]] Task<void> run(std::string region, std::string record_id);
  // Errors: kCancelled, and whatever the operation failed of before its stack was touched.
  [[nodiscard]] Task<Result<Outcome>> operate(std::string region, Entry<OperationRecord> operation);
  [[nodiscard]] Task<Result<Outcome>> provision(Caller caller, Entry<OperationRecord> operation);
  [[nodiscard]] Task<Result<Outcome>> update(Caller caller, Entry<OperationRecord> operation);
  [[nodiscard]] Task<Result<Outcome>> terminate(std::string region,
                                                Entry<OperationRecord> operation);

  // Under whose permissions the stack is operated. Error: AccessDeniedException.
  [[nodiscard]] Task<Result<Caller>> operator_of(std::string region,
                                                 Entry<OperationRecord> operation);
  [[nodiscard]] cloudformation::LaunchOrder order_of(const Caller& caller,
                                                     const OperationRecord& operation) const;
  // Until nothing is under way in the stack. Error: kCancelled.
  [[nodiscard]] Task<Result<cloudformation::LaunchedStack>> wait(std::string region,
                                                                 std::string record_id,
                                                                 std::string stack_id);
  // Changes the record and its product, durable when it ends.
  [[nodiscard]] Task<Status> note(std::string region, std::string record_id, Edit edit);
  [[nodiscard]] Task<void> finish(std::string region, std::string record_id,
                                  Result<Outcome> outcome);
  [[nodiscard]] Task<Status> settle(std::string region, std::string record_id, Outcome outcome);

  Surrounding around_;
  bool stopping_ = false;
  std::size_t operations_ = 0;
  platform::Bell rested_;
};

}  // namespace tarn::servicecatalog
