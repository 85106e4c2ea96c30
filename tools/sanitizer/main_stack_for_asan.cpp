// SPDX-License-Identifier: Apache-2.0
// Compiled into SystemC executables when LUTSIM_SANITIZE is on.
//
// SystemC 2.3.4 tells the address sanitizer when it switches stacks, but it does not know the stack
// of the main thread and names it as null. From the first return to it on, the sanitizer then
// reports a false stack-buffer-overflow after an exception. This puts the true stack in its place.
#include <dlfcn.h>
#include <pthread.h>

#include <cstddef>

namespace {

struct Stack {
  void* bottom = nullptr;
  std::size_t size = 0;
};

Stack current_stack() {
  Stack stack;
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    pthread_attr_getstack(&attributes, &stack.bottom, &stack.size);
    pthread_attr_destroy(&attributes);
  }
  return stack;
}

}  // namespace

/// Shadows the sanitizer's own, to which it passes the call.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the name is the sanitizer's.
extern "C" __attribute__((visibility("default"))) void __sanitizer_start_switch_fiber(
    void** fake_stack, const void* bottom, std::size_t size) {
  using Switch = void (*)(void**, const void*, std::size_t);
  static const auto next =
      reinterpret_cast<Switch>(dlsym(RTLD_NEXT, "__sanitizer_start_switch_fiber"));
  static const Stack main_stack = current_stack();
  if (bottom == nullptr) {
    next(fake_stack, main_stack.bottom, main_stack.size);
  } else {
    next(fake_stack, bottom, size);
  }
}
