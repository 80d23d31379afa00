#include "base/result.h"

template class std::vector<std::string>;
template class std::vector<std::pair<std::string, std::string>>;

namespace tarn {

Error::Error(std::string_view code_name, std::string text, int status)
    : code(code_name), message(std::move(text)), http_status(status) {}
Error::Error(const Error& other) = default;
Error::Error(Error&& other) noexcept = default;
Error& Error::operator=(const Error& other) = default;
Error& Error::operator=(Error&& other) noexcept = default;
Error::~Error() = default;

Failure::Failure(Error&& error) : error_(std::make_unique<Error>(std::move(error)).release()) {}
Failure::Failure(const Error& error) : error_(std::make_unique<Error>(error).release()) {}
Failure::Failure(const Failure& other)
    : error_(other.error_ == nullptr ? nullptr : std::make_unique<Error>(*other.error_).release()) {
}
void Failure::drop(Error* error) noexcept {
  std::default_delete<Error>()(error);
}

}  // namespace tarn
