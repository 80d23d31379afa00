#include "tarn/agent_token.h"

#include <string_view>

namespace tarn::app {

namespace {

constexpr std::size_t kTokenLength = 40;  // of 62 letters: 238 bits
constexpr std::string_view kTokenLetters =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

}  // namespace

std::string agent_token_path(const Configuration& configuration) {
  return configuration.data_directory + "/agent-token";
}

Result<std::string> open_agent_token(platform::Files& files, platform::Random& random,
                                     const std::string& path) {
  if (files.exists(path)) return files.read(path);
  const std::string token = random.text(kTokenLength, kTokenLetters);
  TARN_CHECK(files.write_atomically(path, token, 0600));
  return token;
}

}  // namespace tarn::app
