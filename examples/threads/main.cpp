// Several threads work on one request, and everything they do is part of its trace.
#include <xray/xray.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;

/// Any thread pool does; it knows nothing of tracing.
class ThreadPool {
 public:
  explicit ThreadPool(int count) {
    for (int i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
  }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() {
    for (std::size_t i = 0; i < threads_.size(); ++i) post(nullptr);
    for (std::thread& thread : threads_) thread.join();
  }

  void post(std::function<void()> job) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    some_.notify_one();
  }

 private:
  void work() {
    for (;;) {
      std::unique_lock<std::mutex> lock(mutex_);
      some_.wait(lock, [this] { return !jobs_.empty(); });
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      if (!job) return;
      job();
    }
  }

  std::mutex mutex_;
  std::condition_variable some_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::thread> threads_;
};

void shrink(const std::string& picture) {
  xray::Subsegment subsegment("shrink");  // below the order, whichever thread this is
  subsegment.add_annotation("picture", picture);
  xray::capture("decode", [] { std::this_thread::sleep_for(2ms); });
  if (picture == "broken.jpg") throw std::runtime_error("not a picture");
  xray::capture("encode", [] { std::this_thread::sleep_for(3ms); });
}

void process(ThreadPool& pool, int order, const std::vector<std::string>& pictures) {
  xray::Segment segment("thumbnails");
  segment.add_annotation("order", order);

  // The pool's threads: each job takes along where it was made.
  std::vector<std::future<void>> results;
  for (const std::string& picture : pictures) {
    auto done = std::make_shared<std::promise<void>>();
    results.push_back(done->get_future());
    pool.post(xray::bind_context([picture, done] {
      try {
        shrink(picture);
        done->set_value();
      } catch (...) {
        done->set_exception(std::current_exception());
      }
    }));
  }

  // A thread of one's own: the context by hand.
  std::thread invoice([context = xray::current_context()] {
    const xray::ContextScope scope(context);
    const xray::Subsegment subsegment("invoice", xray::Namespace::remote);
    std::this_thread::sleep_for(4ms);
  });

  for (std::future<void>& result : results) {
    try {
      result.get();
    } catch (const std::exception& error) {
      segment.add_exception(error);
    }
  }
  invoice.join();
  std::printf("order %d: trace %s\n", order, segment.trace_id().to_string().str().c_str());
}

}  // namespace

int main() {
  {
    ThreadPool pool(4);
    process(pool, 1, {"cat.jpg", "dog.jpg", "bird.jpg"});
    process(pool, 2, {"house.jpg", "broken.jpg"});
    process(pool, 3, {"a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg", "f.jpg"});
  }
  xray::shutdown(std::chrono::seconds(2));
  return 0;
}
