// Secrets: all secrets of the account, durable, by Region and name.
//
// Place: services/secretsmanager; handlers read and change them. docs/formats/secretsmanager.md.
// Threads: as RegionalRecords.
#pragma once

#include "services/secretsmanager/records.h"
#include "store/regional_records.h"

namespace tarn::secretsmanager {

class Secrets : public store::RegionalRecords<SecretRecord> {
 public:
  // Lives on.
  explicit Secrets(store::Store& store);
};

}  // namespace tarn::secretsmanager
