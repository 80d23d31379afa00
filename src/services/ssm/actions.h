// The handlers of every action. Each .cc names the actions it holds.
//
// Place: services/ssm. Threads: as service.h says. Errors of each: those that the model and the
// overlay declare.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "services/ssm/api.h"
#include "services/ssm/request.h"
#include "services/ssm/service.h"

namespace tarn::ssm {

// label_actions.cc
Task<Result<LabelParameterVersionResult>> handle(LabelParameterVersion, Ssm&, const Caller&,
                                                 LabelParameterVersionRequest);
Task<Result<UnlabelParameterVersionResult>> handle(UnlabelParameterVersion, Ssm&, const Caller&,
                                                   UnlabelParameterVersionRequest);

// parameter_actions.cc
Task<Result<PutParameterResult>> handle(PutParameter, Ssm&, const Caller&, PutParameterRequest);
Task<Result<DeleteParameterResult>> handle(DeleteParameter, Ssm&, const Caller&,
                                           DeleteParameterRequest);
Task<Result<DeleteParametersResult>> handle(DeleteParameters, Ssm&, const Caller&,
                                            DeleteParametersRequest);
Task<Result<DescribeParametersResult>> handle(DescribeParameters, Ssm&, const Caller&,
                                              DescribeParametersRequest);

// read_actions.cc
Task<Result<GetParameterResult>> handle(GetParameter, Ssm&, const Caller&, GetParameterRequest);
Task<Result<GetParametersResult>> handle(GetParameters, Ssm&, const Caller&, GetParametersRequest);
Task<Result<GetParametersByPathResult>> handle(GetParametersByPath, Ssm&, const Caller&,
                                               GetParametersByPathRequest);
Task<Result<GetParameterHistoryResult>> handle(GetParameterHistory, Ssm&, const Caller&,
                                               GetParameterHistoryRequest);

// tag_actions.cc
Task<Result<AddTagsToResourceResult>> handle(AddTagsToResource, Ssm&, const Caller&,
                                             AddTagsToResourceRequest);
Task<Result<RemoveTagsFromResourceResult>> handle(RemoveTagsFromResource, Ssm&, const Caller&,
                                                  RemoveTagsFromResourceRequest);
Task<Result<ListTagsForResourceResult>> handle(ListTagsForResource, Ssm&, const Caller&,
                                               ListTagsForResourceRequest);

}  // namespace tarn::ssm
