#include "platform/real/network.h"

#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include "platform/real/descriptor.h"

namespace tarn::platform::real {

namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kLongestAnswer = std::size_t{4} << 20;
constexpr std::size_t kLongestPage = std::size_t{64} << 20;

std::string text_of(const sockaddr_in& address) {
  std::array<char, INET_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
  return text.data();
}

// One page being fetched; every wait counts against the same end.
class Fetch {
 public:
  Fetch(std::string name, milliseconds patience)
      : name_(std::move(name)), end_(SteadyClock::now() + patience) {}

  Status connect(const std::string& address, std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    if (::inet_pton(AF_INET, address.c_str(), &to.sin_addr) != 1) {
      return Error(code::kInvalid, fmt::format("{} is no IPv4 address", address));
    }
    socket_ = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket_.valid()) return failed();
    sockaddr generic{};
    std::memcpy(&generic, &to, sizeof(to));
    if (::connect(socket_.get(), &generic, sizeof(to)) == 0) return {};
    if (errno != EINPROGRESS) return failed();
    TARN_CHECK(wait_for(POLLOUT));
    int error = 0;
    socklen_t length = sizeof(error);
    ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    errno = error;
    return error == 0 ? Status() : Status(failed());
  }

  Status send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        text.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        TARN_CHECK(wait_for(POLLOUT));
      } else if (errno != EINTR) {
        return failed();
      }
    }
    return {};
  }

  [[nodiscard]] ConnectionEnds ends() const {
    return {end_of(::getsockname), end_of(::getpeername)};
  }

  Result<std::string> read_to_end(std::size_t most) {
    std::string out;
    std::array<char, 16384> piece{};
    for (;;) {
      const ssize_t got = ::recv(socket_.get(), piece.data(), piece.size(), 0);
      if (got == 0) return out;
      if (got > 0) {
        out.append(piece.data(), static_cast<std::size_t>(got));
        if (out.size() > most)
          return Error(code::kIo, fmt::format("{} answered more than {} bytes", name_, most));
      } else if (errno == EAGAIN) {
        TARN_CHECK(wait_for(POLLIN));
      } else if (errno != EINTR) {
        return failed();
      }
    }
  }

 private:
  std::string end_of(int (*ask)(int, sockaddr*, socklen_t*)) const {
    sockaddr generic{};
    socklen_t length = sizeof(generic);
    if (ask(socket_.get(), &generic, &length) != 0) return {};
    sockaddr_in address{};
    std::memcpy(&address, &generic, sizeof(address));
    return text_of(address);
  }
  Error failed() const { return {code::kIo, fmt::format("{}: {}", name_, std::strerror(errno))}; }

  Status wait_for(short events) {
    for (;;) {
      const auto left = std::chrono::duration_cast<milliseconds>(end_ - SteadyClock::now());
      pollfd waiting{socket_.get(), events, 0};
      const int ready = left.count() <= 0 ? 0 : ::poll(&waiting, 1, static_cast<int>(left.count()));
      if (ready > 0) return {};
      if (ready == 0) return Error(code::kTimeout, fmt::format("{} did not answer", name_));
      if (errno != EINTR) return failed();
    }
  }

  std::string name_;
  SteadyClock::time_point end_;
  Descriptor socket_;
};

// The value of a header of `head`, which is in lower case but for the values' own copy `as_sent`.
std::string header_of(const std::string& head, const std::string& as_sent, std::string_view name) {
  const std::size_t at = head.find(fmt::format("\r\n{}:", name));
  if (at == std::string::npos) return {};
  const std::size_t begin = as_sent.find_first_not_of(' ', at + 3 + name.size());
  const std::size_t end = as_sent.find("\r\n", at + 2);
  return begin < end ? as_sent.substr(begin, end - begin) : "";
}

Result<Page> parse_page(const std::string& name, std::string answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  const std::size_t space = answer.find(' ');
  Page out;
  if (end != std::string::npos && space < end) {
    std::from_chars(answer.data() + space + 1, answer.data() + end, out.status);
  }
  if (out.status < 200 || out.status > 599)
    return Error(code::kIo, fmt::format("{} answered no HTTP", name));
  const std::string as_sent = answer.substr(0, end + 2);
  std::string head = as_sent;
  for (char& each : head) each = static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
  out.content_type = header_of(head, as_sent, "content-type");
  out.location = header_of(head, as_sent, "location");
  answer.erase(0, end + 4);
  out.content = std::move(answer);
  return out;
}

// HTTP/1.0, so that the answer ends where the connection does.
Result<std::string> ask(std::string_view method, const std::string& address, std::uint16_t port,
                        const std::string& path, milliseconds patience) {
  const std::string name = fmt::format("http://{}:{}{}", address, port, path);
  Fetch fetch(name, patience);
  TARN_CHECK(fetch.connect(address, port));
  const std::string_view length = method == "POST" ? "Content-Length: 0\r\n" : "";
  TARN_CHECK(fetch.send(fmt::format("{} {} HTTP/1.0\r\nHost: {}:{}\r\nAccept: */*\r\n{}\r\n",
                                    method, path, address, port, length)));
  TARN_TRY(std::string answer, fetch.read_to_end(kLongestAnswer));
  const std::string_view status = std::string_view(answer).substr(0, answer.find("\r\n"));
  const std::size_t head = answer.find("\r\n\r\n");
  if (head == std::string::npos || status.find(" 200") == std::string_view::npos) {
    return Error(code::kIo, fmt::format("{} answered {}", name, status));
  }
  answer.erase(0, head + 4);
  return answer;
}

// The first IPv4 address of a name.
Result<std::string> look_up(const std::string& host) {
  in_addr parsed{};
  if (::inet_pton(AF_INET, host.c_str(), &parsed) == 1) return host;
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0 || found == nullptr) {
    return Error(code::kNotFound, fmt::format("there is no host {}", host));
  }
  sockaddr_in address{};
  std::memcpy(&address, found->ai_addr, sizeof(address));
  ::freeaddrinfo(found);
  return text_of(address);
}

}  // namespace

Result<std::string> Network::get(const std::string& address, std::uint16_t port,
                                 const std::string& path, milliseconds patience) {
  return ask("GET", address, port, path, patience);
}

Result<std::string> Network::post(const std::string& address, std::uint16_t port,
                                  const std::string& path, milliseconds patience) {
  return ask("POST", address, port, path, patience);
}

Result<Page> Network::fetch(const std::string& address, std::uint16_t port,
                            const Question& question, milliseconds patience) {
  const std::string name = fmt::format("http://{}:{}{}", address, port, question.path);
  Fetch fetch(name, patience);
  TARN_CHECK(fetch.connect(address, port));
  std::string request = fmt::format("GET {} HTTP/1.0\r\nHost: {}:{}\r\nAccept: */*\r\n",
                                    question.path, address, port);
  for (const auto& [header, value] : question.headers)
    request += fmt::format("{}: {}\r\n", header, value);
  TARN_CHECK(fetch.send(request + "\r\n"));
  TARN_TRY(std::string answer, fetch.read_to_end(kLongestPage));
  return parse_page(name, std::move(answer));
}

Result<Page> Network::call(const std::string& host, std::uint16_t port, const PageRequest& request,
                           milliseconds patience) {
  TARN_TRY(const std::string address, look_up(host));
  const std::string name = fmt::format("http://{}:{}{}", host, port, request.path);
  Fetch fetch(name, patience);
  TARN_CHECK(fetch.connect(address, port));
  const std::string content = request.content ? request.content(fetch.ends()) : "";
  std::string head = fmt::format("{} {} HTTP/1.0\r\nHost: {}:{}\r\nAccept: */*\r\n", request.method,
                                 request.path, host, port);
  for (const auto& [header, value] : request.headers)
    head += fmt::format("{}: {}\r\n", header, value);
  head += fmt::format("Content-Length: {}\r\n\r\n", content.size());
  TARN_CHECK(fetch.send(head + content));
  TARN_TRY(std::string answer, fetch.read_to_end(kLongestPage));
  return parse_page(name, std::move(answer));
}

}  // namespace tarn::platform::real
