#include "platform/real/threads.h"

#include <algorithm>

#include <pthread.h>

#include <boost/asio/post.hpp>

namespace tarn::platform::real {

IoThread::IoThread(std::string name)
    : context_(1),
      work_(boost::asio::make_work_guard(context_)),
      thread_([this, name] { run(name); }) {}

IoThread::~IoThread() {
  stop();
}

void IoThread::run(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
  const Scope scope(this);
  context_.run();
}

void IoThread::post(std::function<void()> job) {
  boost::asio::post(context_, std::move(job));
}

IoThread* IoThread::current() {
  return dynamic_cast<IoThread*>(Executor::current());
}

void IoThread::stop() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

BlockingPool::BlockingPool(std::size_t threads, std::size_t queue_limit)
    : limit_(threads), queue_limit_(queue_limit) {}

BlockingPool::~BlockingPool() {
  stop();
}

bool BlockingPool::on_own_thread() const {
  const auto self = std::this_thread::get_id();
  return std::any_of(threads_.begin(), threads_.end(),
                     [self](const std::thread& t) { return t.get_id() == self; });
}

void BlockingPool::post(std::function<void()> job) {
  std::unique_lock lock(mutex_);
  if (queue_.size() >= queue_limit_ && !on_own_thread()) {
    room_.wait(lock, [this] { return queue_.size() < queue_limit_ || stopping_; });
  }
  if (stopping_) return;
  queue_.push_back(std::move(job));
  if (queue_.size() > idle_ && threads_.size() < limit_) {
    threads_.emplace_back([this] { run(); });
  } else {
    work_.notify_one();
  }
}

void BlockingPool::run() {
  pthread_setname_np(pthread_self(), "tarn-blocking");
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    work_.wait(lock, [this] { return !queue_.empty() || stopping_; });
    --idle_;
    if (queue_.empty()) return;
    std::function<void()> job = std::move(queue_.front());
    queue_.pop_front();
    room_.notify_one();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
}

void BlockingPool::stop() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);
  }
  work_.notify_all();
  room_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

Threads::Threads(ThreadsOptions options)
    : control_("tarn-control"), pool_(options.blocking_threads, options.blocking_queue) {
  std::size_t count = options.io_threads;
  if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < count; ++i) {
    io_.push_back(std::make_unique<IoThread>("tarn-io-" + std::to_string(i)));
  }
}

Threads::~Threads() {
  stop();
}

void Threads::stop() {
  pool_.stop();
  for (auto& thread : io_) thread->stop();
  control_.stop();
}

}  // namespace tarn::platform::real
