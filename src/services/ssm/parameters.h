// Parameters: all parameters of the account, durable, by Region and name.
//
// Place: services/ssm; handlers read and change them. docs/formats/ssm.md. Threads: as
// RegionalRecords.
#pragma once

#include "services/ssm/records.h"
#include "store/regional_records.h"

namespace tarn::ssm {

class Parameters : public store::RegionalRecords<ParameterRecord> {
 public:
  // Lives on.
  explicit Parameters(store::Store& store);
};

}  // namespace tarn::ssm
