// The thread that makes records of live traces before anybody asks for them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "local/store/store.hpp"

namespace xrayd::local {

class RecordMaker {
 public:
  /// `store` must outlive this.
  explicit RecordMaker(const Store& store);
  ~RecordMaker();
  RecordMaker(const RecordMaker&) = delete;
  RecordMaker& operator=(const RecordMaker&) = delete;

  /// There is something to do again. Any thread.
  void wake();
  /// Ends the thread; records that it hasn't made others make. Any thread, also twice.
  void stop() noexcept;

 private:
  void run();
  bool wait(std::chrono::milliseconds time);

  const Store& store_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool idle_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace xrayd::local
