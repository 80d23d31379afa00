#include "platform/tasks.h"

namespace tarn::platform {

namespace {
// Which executor runs on this thread is a fact of the thread, not of the program: the one
// thread-local of the house.
thread_local Executor* t_current = nullptr;
}  // namespace

Executor* Executor::current() {
  return t_current;
}

Executor::Scope::Scope(Executor* executor) : before_(t_current) {
  t_current = executor;
}
Executor::Scope::~Scope() {
  t_current = before_;
}

}  // namespace tarn::platform
