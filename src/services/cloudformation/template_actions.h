// The handlers of actions about templates alone.
//
// Place: services/cloudformation. Threads: the control strand.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "services/cloudformation/api.h"
#include "services/cloudformation/service.h"

namespace tarn::cloudformation {

Task<Result<ValidateTemplateOutput>> handle(ValidateTemplate, CloudFormation& room,
                                            const Caller& caller, ValidateTemplateInput input);
Task<Result<GetTemplateSummaryOutput>> handle(GetTemplateSummary, CloudFormation& room,
                                              const Caller& caller, GetTemplateSummaryInput input);

}  // namespace tarn::cloudformation
