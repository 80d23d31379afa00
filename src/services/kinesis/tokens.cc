#include "services/kinesis/tokens.h"

#include <array>
#include <cstring>

#include "wire/digest.h"
#include "wire/encoding.h"

namespace tarn::kinesis {

namespace {

constexpr std::size_t kSignatureBytes = 16;
constexpr char kIteratorKind = 'i';
constexpr char kPageKind = 'p';

// Numbers as 8 bytes, texts with their length in 2.
class Packer {
 public:
  explicit Packer(char kind) : bytes_(1, kind) {}
  Packer& number(std::uint64_t value) {
    std::array<char, sizeof(value)> raw{};
    std::memcpy(raw.data(), &value, sizeof(value));
    bytes_.append(raw.data(), raw.size());
    return *this;
  }
  Packer& text(std::string_view value) {
    const auto length = static_cast<std::uint16_t>(value.size());
    std::array<char, sizeof(length)> raw{};
    std::memcpy(raw.data(), &length, sizeof(length));
    bytes_.append(raw.data(), raw.size()).append(value);
    return *this;
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}
  char kind() {
    const std::string_view raw = bytes(1);
    return raw.empty() ? '\0' : raw[0];
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    const std::string_view raw = bytes(sizeof(value));
    if (!raw.empty()) std::memcpy(&value, raw.data(), sizeof(value));
    return value;
  }
  std::string text() {
    std::uint16_t length = 0;
    const std::string_view raw = bytes(sizeof(length));
    if (!raw.empty()) std::memcpy(&length, raw.data(), sizeof(length));
    return std::string(bytes(length));
  }
  [[nodiscard]] bool whole() const { return whole_ && rest_.empty(); }

 private:
  std::string_view bytes(std::size_t count) {
    if (rest_.size() < count) {
      whole_ = false;
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::string_view rest_;
  bool whole_ = true;
};

}  // namespace

std::string Tokens::sign(std::string body) const {
  body.append(wire::hmac_sha256(key_, body), 0, kSignatureBytes);
  return wire::to_base64(body);
}

std::optional<std::string> Tokens::verify(std::string_view token) const {
  std::optional<std::string> body = wire::from_base64(token);
  if (!body || body->size() <= kSignatureBytes) return std::nullopt;
  const std::string signature = body->substr(body->size() - kSignatureBytes);
  body->resize(body->size() - kSignatureBytes);
  const std::string right = wire::hmac_sha256(key_, *body);
  if (!wire::equals_in_constant_time(signature, right.substr(0, kSignatureBytes))) {
    return std::nullopt;
  }
  return body;
}

std::string Tokens::seal(const ShardIterator& iterator) const {
  return sign(Packer(kIteratorKind)
                  .text(iterator.stream_id)
                  .text(iterator.account)
                  .text(iterator.stream_name)
                  .number(iterator.shard)
                  .number(iterator.position.counter)
                  .number(iterator.position.segment)
                  .number(iterator.position.offset)
                  .number(iterator.from_horizon ? 1 : 0)
                  .number(static_cast<std::uint64_t>(iterator.made_ms))
                  .take());
}

std::string Tokens::seal(const PageToken& page) const {
  return sign(Packer(kPageKind)
                  .text(page.scope)
                  .text(page.after)
                  .number(static_cast<std::uint64_t>(page.made_ms))
                  .take());
}

std::optional<ShardIterator> Tokens::open_iterator(std::string_view token) const {
  const std::optional<std::string> body = verify(token);
  if (!body) return std::nullopt;
  Unpacker from(*body);
  if (from.kind() != kIteratorKind) return std::nullopt;
  ShardIterator iterator;
  iterator.stream_id = from.text();
  iterator.account = from.text();
  iterator.stream_name = from.text();
  iterator.shard = static_cast<std::uint32_t>(from.number());
  iterator.position.counter = from.number();
  iterator.position.segment = from.number();
  iterator.position.offset = from.number();
  iterator.from_horizon = from.number() != 0;
  iterator.made_ms = static_cast<std::int64_t>(from.number());
  if (!from.whole()) return std::nullopt;
  return iterator;
}

std::optional<PageToken> Tokens::open_page(std::string_view token) const {
  const std::optional<std::string> body = verify(token);
  if (!body) return std::nullopt;
  Unpacker from(*body);
  if (from.kind() != kPageKind) return std::nullopt;
  PageToken page;
  page.scope = from.text();
  page.after = from.text();
  page.made_ms = static_cast<std::int64_t>(from.number());
  if (!from.whole()) return std::nullopt;
  return page;
}

}  // namespace tarn::kinesis
