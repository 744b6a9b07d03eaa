// Every way that an exception can leave a scope without being shown to the SDK. Ends with 0 if all
// the documents say what they should.
#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include <exception>
#include <future>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
#include <xray/testing.hpp>
#include <xray/xray.hpp>

namespace {

int failures = 0;

void expect(bool good, const std::string& what, const std::string& document) {
  if (good) return;
  ++failures;
  std::cerr << "FAILED: " << what << "\n  " << document << '\n';
}

bool has(const std::string& document, const std::string& part) {
  return document.find(part) != std::string::npos;
}

std::size_t count(const std::string& document, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = document.find(part); at != std::string::npos;
       at = document.find(part, at + part.size())) {
    ++found;
  }
  return found;
}

std::shared_ptr<xray::testing::CapturingEmitter> emitter;

/// The document of a segment in which `work` runs; what it throws leaves the segment.
template <typename Work>
std::string document_of(Work&& work) {
  emitter->clear();
  try {
    const xray::Segment segment("s");
    work();
  } catch (...) {
  }
  std::string all;
  for (const std::string& document : emitter->documents()) all += document;
  return all;
}

template <typename Work>
void leaving(Work&& work) {
  const xray::Subsegment subsegment("left");
  work();
}

__attribute__((noinline)) void throw_here(const char* text) {
  throw std::runtime_error(text);
}

/// Throws while it is destroyed, and catches.
struct Untidy {
  ~Untidy() {
    try {
      throw std::logic_error("in a destructor");
    } catch (const std::logic_error&) {
    }
  }
};

struct NestedWork {
  ~NestedWork() {
    try {
      const xray::Subsegment cleanup("cleanup");
      throw std::logic_error("cleanup failed");
    } catch (const std::logic_error&) {
    }
  }
};

/// Throws and catches while it is asked what it says.
struct Chatty : std::exception {
  [[nodiscard]] const char* what() const noexcept override {
    try {
      throw 5;
    } catch (int) {
    }
    return "chatty";
  }
};

struct Plain {};

void check_all() {
  std::string document = document_of([] { leaving([] { throw_here("boom"); }); });
  expect(count(document, "\"message\":\"boom\"") == 1, "told once", document);
  expect(has(document, "\"type\":\"std::runtime_error\""), "type", document);
  expect(has(document, "throw_here(char const*)"), "stack of the throw", document);
  expect(count(document, "\"fault\":true") == 2, "both are faults", document);
  expect(count(document, "\"cause\":\"") == 1, "the segment refers to it", document);

  document = document_of([] { leaving([] { (void)std::vector<int>(2).at(7); }); });
  expect(has(document, "\"type\":\"std::out_of_range\""), "thrown by a library", document);

  document = document_of([] {
    leaving([] {
      const Untidy untidy;
      throw_here("outer");
    });
  });
  expect(count(document, "\"message\":\"outer\"") == 1 && !has(document, "in a destructor"),
         "thrown and caught by a destructor meanwhile", document);

  document = document_of([] {
    leaving([] {
      const NestedWork work;
      throw_here("outer");
    });
  });
  expect(has(document, "cleanup failed") && has(document, "\"message\":\"outer\""),
         "two in flight, each where it belongs", document);
  expect(document.find("\"name\":\"cleanup\"") < document.find("cleanup failed"),
         "the inner one is the cleanup's", document);

  document = document_of([] {
    leaving([] {
      try {
        throw_here("first");
      } catch (const std::runtime_error&) {
        try {
          throw std::logic_error("swallowed");
        } catch (const std::logic_error&) {
        }
        throw;
      }
    });
  });
  expect(count(document, "\"message\":\"first\"") == 1 && !has(document, "swallowed"),
         "thrown again after another one", document);

  document = document_of([] {
    std::exception_ptr held;
    try {
      throw_here("held");
    } catch (...) {
      held = std::current_exception();
    }
    try {
      throw std::logic_error("swallowed");
    } catch (const std::logic_error&) {
    }
    leaving([&held] { std::rethrow_exception(held); });
  });
  expect(count(document, "\"message\":\"held\"") == 1 && !has(document, "swallowed"),
         "std::rethrow_exception", document);

  document = document_of([] {
    leaving([] {
      std::async(std::launch::async, [] { throw std::range_error("other thread"); }).get();
    });
  });
  expect(has(document, "\"message\":\"other thread\""), "from a future", document);

  document = document_of([] {
    leaving([] { std::rethrow_exception(std::make_exception_ptr(std::domain_error("made"))); });
  });
  expect(has(document, "\"message\":\"made\""), "never thrown before", document);

  document = document_of([] {
    leaving([] {
      try {
        throw_here("inner");
      } catch (...) {
        std::throw_with_nested(std::logic_error("around it"));
      }
    });
  });
  expect(has(document, "\"message\":\"around it\"") && has(document, "\"message\":\"inner\"") &&
             has(document, "\"type\":\"std::logic_error\""),
         "nested", document);

  document = document_of([] { leaving([] { throw 5; }); });
  expect(has(document, "\"type\":\"int\""), "a number", document);
  document = document_of([] { leaving([] { throw "text"; }); });
  expect(has(document, "\"message\":\"text\""), "a text", document);
  document = document_of([] { leaving([] { throw Plain(); }); });
  expect(has(document, "Plain\""), "a class without bases", document);
  document = document_of([] { leaving([] { throw Chatty(); }); });
  expect(has(document, "\"message\":\"chatty\"") && !has(document, "\"type\":\"int\""),
         "one that throws while asked", document);
  document =
      document_of([] { leaving([] { throw std::runtime_error(std::string(100'000, 'x')); }); });
  expect(has(document, "xxxx\""), "a long message", document);

  document = document_of([] {
    try {
      throw_here("before");
    } catch (const std::runtime_error&) {
    }
    const xray::Subsegment fine("fine");
  });
  expect(!has(document, "before") && !has(document, "fault"), "nothing leaves", document);

  document = document_of(
      [] { xray::capture("captured", [] { leaving([] { throw_here("passing"); }); }); });
  expect(count(document, "\"message\":\"passing\"") == 1, "told once on all its way", document);
  expect(count(document, "\"cause\":\"") == 2, "and referred to twice", document);

  document = document_of([] {
    for (int i = 0; i < 10; ++i) {
      try {
        leaving([] { throw_here("again"); });
      } catch (const std::runtime_error&) {
      }
    }
  });
  expect(count(document, "\"message\":\"again\"") == 10 && count(document, "\"cause\":\"") == 0,
         "ten exceptions are ten", document);

  // A plugin's own type, whose description goes with the plugin.
  document = document_of([] {
    void* const library = dlopen(THROWER, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error("no plugin");
    const auto plugin_throw =
        reinterpret_cast<void (*)(const char*)>(dlsym(library, "plugin_throw"));
    try {
      leaving([plugin_throw] { plugin_throw("from the plugin"); });
    } catch (const std::exception&) {
    }
    dlclose(library);
  });
  expect(has(document, "\"message\":\"from the plugin\"") &&
             has(document, "\"type\":\"plugin::Failure\""),
         "a plugin's exception after the plugin is gone", document);

  // A thread that is cancelled unwinds without any exception of C++'s.
  document = document_of([] {
    std::thread thread([context = xray::current_context()] {
      const xray::ContextScope scope(context);
      try {
        throw_here("stale");
      } catch (const std::runtime_error&) {
      }
      const xray::Subsegment cancelled("cancelled");
      pthread_cancel(pthread_self());
      pthread_testcancel();
    });
    thread.join();
  });
  expect(has(document, "\"cancelled\"") && !has(document, "stale"), "cancellation", document);

  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 200; ++i) {
        try {
          const xray::Segment segment("threads");
          leaving([] { throw_here("many"); });
        } catch (const std::runtime_error&) {
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

/// Without the hook: faults, and nothing made up.
void check_without() {
  const std::string document = document_of([] { leaving([] { throw_here("boom"); }); });
  expect(count(document, "\"fault\":true") == 2 && !has(document, "cause"), "no hook", document);
}

struct ThrowsEarly {
  ThrowsEarly() {
    try {
      throw std::runtime_error("before main");
    } catch (const std::runtime_error&) {
    }
  }
} throws_early;

}  // namespace

int main() {
  emitter = xray::testing::CapturingEmitter::install();
  if (EXPECT_HOOK != 0) {
    check_all();
  } else {
    check_without();
  }
  std::cout << failures << " failures\n";
  return failures == 0 ? 0 : 1;
}
