#include "platform/real/processes.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <future>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <fmt/format.h>

#include "platform/real/child.h"
#include "platform/real/pipes.h"

namespace tarn::platform::real {

namespace {

constexpr const char* kSystemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// What a Process and the watch on its child have in common.
struct Child {
  explicit Child(int id) : pid(id) {}

  const int pid;
  std::mutex mutex;
  std::optional<ExitStatus> status;  // once it has ended
  bool abandoned = false;            // its Process is gone: reap it as soon as it ends
  bool reaped = false;
  std::shared_ptr<Completion<ExitStatus>> waiter;

  // With mutex held.
  void reap() {
    ::siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG) != 0 &&
           errno == EINTR) {
    }
    reaped = true;
  }

  // The child has ended.
  void note_end() {
    std::shared_ptr<Completion<ExitStatus>> to_wake;
    ExitStatus ended;
    {
      const std::lock_guard lock(mutex);
      ::siginfo_t info{};
      while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 &&
             errno == EINTR) {
      }
      (info.si_code == CLD_EXITED ? ended.code : ended.signal) = info.si_status;
      status = ended;
      if (abandoned) reap();
      to_wake = std::exchange(waiter, nullptr);
    }
    if (to_wake) to_wake->set(ended);
  }
};

// Waits on the control thread for the child's end; owns the pidfd and keeps the Child alive until
// then.
void watch(IoThread& thread, std::shared_ptr<Child> child, Descriptor pidfd) {
  using boost::asio::posix::stream_descriptor;
  auto descriptor = std::make_shared<stream_descriptor>(thread.context(), pidfd.release());
  thread.post([child = std::move(child), descriptor] {
    descriptor->async_wait(stream_descriptor::wait_read,
                           [child, descriptor](const boost::system::error_code& error) {
                             if (!error) child->note_end();
                           });
  });
}

class RealProcess final : public Process {
 public:
  RealProcess(std::shared_ptr<Child> child, std::shared_ptr<Pipes> pipes)
      : child_(std::move(child)), pipes_(std::move(pipes)) {}

  ~RealProcess() override {
    if (pipes_) pipes_->close();
    const std::lock_guard lock(child_->mutex);
    // The child is not reaped yet, so the group is its own.
    ::kill(-child_->pid, SIGKILL);
    child_->abandoned = true;
    if (child_->status) child_->reap();
  }

  [[nodiscard]] int pid() const override { return child_->pid; }
  void signal(int number) override { ::kill(child_->pid, number); }
  void signal_group(int number) override { ::kill(-child_->pid, number); }

  [[nodiscard]] Task<ExitStatus> wait() override {
    std::shared_ptr<Completion<ExitStatus>> ended;
    {
      const std::lock_guard lock(child_->mutex);
      if (child_->status) co_return *child_->status;
      ended = std::make_shared<Completion<ExitStatus>>();
      child_->waiter = ended;
    }
    co_return co_await *ended;
  }

  [[nodiscard]] std::optional<ExitStatus> exited() const override {
    const std::lock_guard lock(child_->mutex);
    return child_->status;
  }

  Task<Status> write(std::string data) override { return Pipes::write(pipes_, std::move(data)); }
  Task<Result<std::optional<std::string>>> read_line(std::size_t max_bytes) override {
    return Pipes::read_line(pipes_, max_bytes);
  }

 private:
  std::shared_ptr<Child> child_;
  std::shared_ptr<Pipes> pipes_;
};

Error io_error(std::string_view what) {
  return {code::kIo, fmt::format("{}: {}", what, std::strerror(errno))};
}

struct PipeEnds {
  Descriptor read;
  Descriptor write;
};

Result<PipeEnds> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return io_error("cannot make a pipe");
  return PipeEnds{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<Descriptor> open_stream(const std::string& path, int flags) {
  Descriptor fd(::open(path.c_str(), flags | O_CLOEXEC, 0640));
  if (!fd.valid()) return io_error(fmt::format("cannot open {}", path));
  return fd;
}

// The child's ends of its standard streams, and the server's of the pipes.
struct Streams {
  Descriptor input;
  Descriptor output;
  Descriptor errors;
  std::vector<Descriptor> more;
  Descriptor server_input;
  Descriptor server_output;
};

Result<Streams> open_streams(const ProcessSpec& spec) {
  Streams streams;
  const std::string path = spec.output_path.empty() ? "/dev/null" : spec.output_path;
  TARN_TRY(streams.errors, open_stream(path, O_WRONLY | O_APPEND | O_CREAT));
  for (const std::string& more : spec.more_outputs) {
    TARN_TRY(Descriptor output, open_stream(more, O_WRONLY | O_APPEND | O_CREAT));
    streams.more.push_back(std::move(output));
  }
  if (!spec.with_pipes) {
    TARN_TRY(streams.input, open_stream("/dev/null", O_RDONLY));
    return streams;
  }
  TARN_TRY(PipeEnds input, make_pipe());
  TARN_TRY(PipeEnds output, make_pipe());
  streams.input = std::move(input.read);
  streams.server_input = std::move(input.write);
  streams.output = std::move(output.write);
  streams.server_output = std::move(output.read);
  return streams;
}

Result<ChildPlan> plan_child(ProcessSpec& spec, const Streams& streams) {
  if (spec.arguments.empty()) return Error(code::kInvalid, "no program to start");
  ChildPlan plan;
  const auto path = spec.environment.find("PATH");
  TARN_TRY(plan.program, find_program(spec.arguments[0],
                                      path == spec.environment.end() ? kSystemPath : path->second));
  for (const auto& [name, value] : spec.environment) plan.environment.push_back(name + "=" + value);
  plan.arguments = std::move(spec.arguments);
  plan.directory = std::move(spec.directory);
  plan.descriptors = {streams.input.get(),
                      streams.output.valid() ? streams.output.get() : streams.errors.get(),
                      streams.errors.get()};
  for (const Descriptor& output : streams.more) plan.descriptors.push_back(output.get());
  return plan;
}

}  // namespace

Processes::Processes(Threads& threads) : threads_(threads) {
  ::signal(SIGPIPE, SIG_IGN);
  thread_ = std::thread([this] { run(); });
}

Processes::~Processes() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  thread_.join();
}

void Processes::run() {
  pthread_setname_np(pthread_self(), "tarn-spawner");
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [this] { return !queue_.empty() || stopping_; });
    if (queue_.empty()) return;
    const std::function<void()> job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

Result<std::unique_ptr<Process>> Processes::spawn(ProcessSpec spec) {
  TARN_TRY(Streams streams, open_streams(spec));
  TARN_TRY(const ChildPlan plan, plan_child(spec, streams));
  std::promise<Result<StartedChild>> promise;
  auto started_later = promise.get_future();
  {
    const std::lock_guard lock(mutex_);
    queue_.emplace_back([&promise, &plan] { promise.set_value(start_child(plan)); });
  }
  work_.notify_one();
  TARN_TRY(StartedChild started, started_later.get());

  auto child = std::make_shared<Child>(started.pid);
  IoThread& thread = threads_.control_thread();
  std::shared_ptr<Pipes> pipes;
  if (spec.with_pipes) {
    pipes = std::make_shared<Pipes>(thread, std::move(streams.server_input),
                                    std::move(streams.server_output));
  }
  watch(thread, child, std::move(started.pidfd));
  return std::unique_ptr<Process>(
      std::make_unique<RealProcess>(std::move(child), std::move(pipes)));
}

}  // namespace tarn::platform::real
