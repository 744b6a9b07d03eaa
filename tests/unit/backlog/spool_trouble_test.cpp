// A disk that is full, a directory that goes away.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "spool_test_tools.hpp"

namespace xrayd::backlog {
namespace {

/// Files of this process can't grow beyond so many bytes while this lives.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t most) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = most;
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) throw std::runtime_error("setrlimit failed");
  }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;
  ~SmallFiles() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

/// Nothing can be opened while this lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(0);
    ::close(next);
    rlimit limit = before_;
    limit.rlim_cur = static_cast<rlim_t>(next);
    if (next < 0 || ::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
      throw std::runtime_error("setrlimit failed");
    }
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

std::vector<std::string> long_ones(std::size_t count) {
  std::vector<std::string> documents;
  for (std::size_t i = 0; i < count; ++i) {
    documents.push_back(std::to_string(i) + std::string(1000, 'l'));
  }
  return documents;
}

TEST(SpoolTrouble, what_can_t_be_written_stays_in_memory_and_is_written_when_it_can_be) {
  const SpoolFolder folder;
  Backlog backlog(folder.settings());
  backlog.upstream_fails(true);
  const auto documents = long_ones(250);
  {
    const SmallFiles small(120'000);
    offer(backlog, documents);
    ASSERT_TRUE(eventually([&] { return !backlog.trouble().empty(); }));
    EXPECT_TRUE(
        backlog.trouble().starts_with(folder.path().string() + ": the spool can't be written: "))
        << backlog.trouble();
    EXPECT_EQ(counter(backlog, "xrayd_spool_writable"), 0);
    EXPECT_EQ(counter(backlog, "xrayd_spool_documents"), 100);
    EXPECT_EQ(counter(backlog, "xrayd_queue_documents"), 150);
    // Both can be taken: the spool's first.
    auto batch = backlog.take(at_once());
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->place);
    backlog.put_back(std::move(*batch));
  }
  ASSERT_TRUE(all_is_spooled(backlog)) << "tried again";
  EXPECT_EQ(backlog.trouble(), "");
  EXPECT_EQ(drain(backlog), documents);
  EXPECT_EQ(backlog.dropped(), 0U);
}

TEST(SpoolTrouble, with_disk_and_memory_full_the_oldest_in_memory_go_and_are_counted) {
  const SpoolFolder folder;
  BacklogSettings settings = folder.settings();
  settings.memory_bytes = 200'000;
  Backlog backlog(settings);
  backlog.upstream_fails(true);
  const auto documents = long_ones(1000);
  const SmallFiles small(1000);
  offer(backlog, documents);
  backlog.close();
  ASSERT_TRUE(eventually([&] { return !backlog.trouble().empty(); }));
  const auto rest = drain(backlog);
  EXPECT_GT(rest.size(), 100U);
  EXPECT_EQ(rest.size() + backlog.dropped(), documents.size());
  EXPECT_EQ(static_cast<std::uint64_t>(dropped(backlog, "memory")), backlog.dropped());
  EXPECT_EQ(rest, std::vector<std::string>(
                      documents.end() - static_cast<std::ptrdiff_t>(rest.size()), documents.end()));
}

TEST(SpoolTrouble, at_the_end_what_can_t_be_written_is_counted) {
  const SpoolFolder folder;
  Backlog backlog(folder.settings());
  offer(backlog, long_ones(100));
  const SmallFiles small(1000);
  backlog.close();
  backlog.save(soon());
  EXPECT_EQ(dropped(backlog, "stop"), 100);
  EXPECT_EQ(backlog.waiting(), 0U);
}

TEST(SpoolTrouble, trouble_ends_though_nothing_waits) {
  const SpoolFolder folder;
  Backlog backlog(folder.settings());
  {
    const SmallFiles small(1000);
    backlog.upstream_fails(true);
    offer(backlog, long_ones(50));
    ASSERT_TRUE(eventually([&] { return !backlog.trouble().empty(); }));
    EXPECT_EQ(drain(backlog).size(), 50U);
    backlog.upstream_fails(false);
  }
  EXPECT_TRUE(eventually([&] { return backlog.trouble().empty(); }));
  EXPECT_TRUE(eventually([&] { return folder.files().empty(); }));
}

TEST(SpoolTrouble, a_file_that_can_t_be_opened_for_now_is_not_lost) {
  const SpoolFolder folder;
  constexpr std::size_t runs = 70;  // more files than are kept open
  for (std::size_t i = 0; i < runs; ++i) leave(folder.settings(), numbered(1, i));
  ASSERT_EQ(folder.files().size(), runs);
  Backlog backlog(folder.settings());
  std::vector<Batch> under_way;
  {
    const NoDescriptors none;
    while (auto batch = backlog.take(at_once())) under_way.push_back(std::move(*batch));
    EXPECT_LT(under_way.size(), runs);
  }
  while (under_way.size() < runs) {
    auto batch = backlog.take(soon());
    ASSERT_TRUE(batch);
    under_way.push_back(std::move(*batch));
  }
  for (std::size_t i = 0; i < runs; ++i) {
    EXPECT_EQ(documents_of(under_way[i]), numbered(1, i));
    backlog.done(std::move(under_way[i]));
  }
  EXPECT_EQ(backlog.waiting(), 0U);
  EXPECT_EQ(backlog.dropped(), 0U);
}

TEST(SpoolTrouble, a_directory_removed_is_made_anew_and_what_was_in_it_can_still_be_read) {
  const SpoolFolder folder;
  Backlog backlog(folder.settings());
  backlog.upstream_fails(true);
  offer(backlog, numbered(100));
  ASSERT_TRUE(all_is_spooled(backlog));
  std::filesystem::remove_all(folder.path().parent_path());
  offer(backlog, numbered(50, 100));
  ASSERT_TRUE(all_is_spooled(backlog));
  EXPECT_EQ(folder.files().size(), 1U);
  EXPECT_EQ(backlog.trouble(), "");
  EXPECT_EQ(drain(backlog), numbered(150));
  EXPECT_EQ(backlog.dropped(), 0U);
}

TEST(SpoolTrouble, a_directory_made_anew_is_ours_alone) {
  const SpoolFolder folder;
  Backlog first(folder.settings());
  first.upstream_fails(true);
  offer(first, numbered(50));
  ASSERT_TRUE(all_is_spooled(first));
  std::filesystem::remove_all(folder.path());
  const Backlog second(folder.settings());
  offer(first, numbered(50, 50));
  ASSERT_TRUE(eventually([&] { return !first.trouble().empty(); }));
  EXPECT_EQ(first.trouble(),
            folder.path().string() + ": another xrayd is using this spool directory");
  EXPECT_EQ(drain(first), numbered(100));
}

}  // namespace
}  // namespace xrayd::backlog
