// The handlers of actions about change sets.
//
// Place: services/cloudformation. Threads: the control strand.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "services/cloudformation/api.h"
#include "services/cloudformation/service.h"

namespace tarn::cloudformation {

Task<Result<CreateChangeSetOutput>> handle(CreateChangeSet, CloudFormation& room,
                                           const Caller& caller, CreateChangeSetInput input);
Task<Result<DescribeChangeSetOutput>> handle(DescribeChangeSet, CloudFormation& room,
                                             const Caller& caller, DescribeChangeSetInput input);
Task<Result<ListChangeSetsOutput>> handle(ListChangeSets, CloudFormation& room,
                                          const Caller& caller, ListChangeSetsInput input);
Task<Result<ExecuteChangeSetOutput>> handle(ExecuteChangeSet, CloudFormation& room,
                                            const Caller& caller, ExecuteChangeSetInput input);
Task<Result<DeleteChangeSetOutput>> handle(DeleteChangeSet, CloudFormation& room,
                                           const Caller& caller, DeleteChangeSetInput input);

}  // namespace tarn::cloudformation
