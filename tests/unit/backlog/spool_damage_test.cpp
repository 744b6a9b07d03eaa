// Files that are not as they were written.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "backlog/open_batch.hpp"
#include "backlog/spool_file.hpp"
#include "backlog/spool_record.hpp"
#include "spool_test_tools.hpp"

namespace xrayd::backlog {
namespace {

using Documents = std::vector<std::string>;

/// Three records, of which the second has two documents.
const std::vector<Documents> records = {{"{\"a\":1}"}, {"T1S\n", "{}"}, {"three"}};

Batch batch_of(const Documents& documents) {
  OpenBatch open;
  open.begin({}, Backlog::Clock::now());
  for (const std::string& document : documents) open.add(document);
  return open.seal();
}

/// The file's bytes, and where each record begins.
struct Example {
  std::string bytes;
  std::vector<std::size_t> begins;

  [[nodiscard]] std::size_t record_at(std::size_t offset) const {
    std::size_t record = 0;
    while (record + 1 < begins.size() && begins[record + 1] <= offset) ++record;
    return record;
  }
};

Example make_example(const SpoolFolder& folder) {
  std::filesystem::create_directories(folder.path());
  const auto path = folder.path() / "example";
  const auto file = SpoolFile::create(path);
  Example example;
  for (const Documents& documents : records) {
    example.begins.push_back(file->end());
    EXPECT_EQ(file->append(batch_of(documents), 1000), 0);
  }
  example.bytes = read_file(path);
  return example;
}

struct Recovered {
  Documents documents;
  std::int64_t damaged = 0;
  std::int64_t unreadable = 0;
};

/// What a daemon makes of such a file.
Recovered recover(const SpoolFolder& folder, const std::string& bytes) {
  const auto path = folder.path() / "0000000000000001.spool";
  write_file(path, bytes);
  Recovered recovered;
  {
    Backlog backlog(folder.settings());
    const auto found = counter(backlog, "xrayd_spool_found_total");
    recovered.documents = drain(backlog);
    recovered.damaged = counter(backlog, "xrayd_spool_damaged_total");
    recovered.unreadable = dropped(backlog, "unreadable");
    EXPECT_EQ(found, static_cast<std::int64_t>(recovered.documents.size()) + recovered.unreadable);
    EXPECT_EQ(backlog.waiting(), 0U);
  }
  EXPECT_TRUE(folder.files().empty());
  return recovered;
}

Documents all_but(std::size_t record) {
  Documents documents;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (i != record) documents.insert(documents.end(), records[i].begin(), records[i].end());
  }
  return documents;
}

TEST(SpoolDamage, an_undamaged_file_is_read_to_its_end) {
  const SpoolFolder folder;
  const Recovered recovered = recover(folder, make_example(folder).bytes);
  EXPECT_EQ(recovered.documents, all_but(records.size()));
  EXPECT_EQ(recovered.damaged, 0);
}

TEST(SpoolDamage, every_damaged_byte_costs_its_own_record_alone_and_is_counted) {
  const SpoolFolder folder;
  const Example example = make_example(folder);
  for (std::size_t i = 0; i < example.bytes.size(); ++i) {
    const std::size_t record = example.record_at(i);
    const std::size_t within = i - example.begins[record];
    std::string bytes = example.bytes;
    bytes[i] = static_cast<char>(bytes[i] ^ 0x10);
    const Recovered recovered = recover(folder, bytes);
    const bool is_state = within >= record_state_offset && within < record_state_offset + 4;
    const bool is_padding = within >= 36 && within < record_header_size;
    if (is_state || is_padding) {
      EXPECT_EQ(recovered.documents, all_but(records.size())) << "byte " << i;
      EXPECT_EQ(recovered.damaged, 0) << "byte " << i;
      continue;
    }
    EXPECT_EQ(recovered.documents, all_but(record)) << "byte " << i;
    EXPECT_EQ(recovered.damaged, 1) << "byte " << i;
    // A damaged header does not say how many they were.
    const bool is_header = within < record_header_size;
    EXPECT_EQ(recovered.unreadable,
              is_header ? 0 : static_cast<std::int64_t>(records[record].size()))
        << "byte " << i;
  }
}

TEST(SpoolDamage, a_file_that_ends_early_gives_what_is_whole_in_it) {
  const SpoolFolder folder;
  const Example example = make_example(folder);
  for (std::size_t size = 0; size < example.bytes.size(); ++size) {
    const Recovered recovered = recover(folder, example.bytes.substr(0, size));
    Documents whole;
    for (std::size_t i = 0; i + 1 < records.size() && example.begins[i + 1] <= size; ++i) {
      whole.insert(whole.end(), records[i].begin(), records[i].end());
    }
    EXPECT_EQ(recovered.documents, whole) << size;
    EXPECT_EQ(recovered.damaged, 0) << "a writer that was killed is no damage";
  }
}

TEST(SpoolDamage, foreign_bytes_before_between_and_behind_are_passed_over) {
  const SpoolFolder folder;
  const Example example = make_example(folder);
  std::string bytes = std::string(10'000, '\0') + example.bytes;
  bytes.insert(10'000 + example.begins[1], std::string(5000, '\xff'));
  bytes += std::string(100, 'x');
  const Recovered recovered = recover(folder, bytes);
  EXPECT_EQ(recovered.documents, all_but(records.size()));
  EXPECT_EQ(recovered.damaged, 3);
}

TEST(SpoolDamage, a_document_can_t_pass_for_a_record) {
  const SpoolFolder folder;
  Example example = make_example(folder);
  const auto path = folder.path() / "evil";
  const auto file = SpoolFile::create(path);
  ASSERT_EQ(file->append(batch_of({example.bytes, "good"}), 1000), 0);
  std::string bytes = read_file(path);
  bytes[0] = 'x';  // so that a record is looked for within
  const Recovered recovered = recover(folder, bytes);
  EXPECT_EQ(recovered.documents, Documents{});
  EXPECT_EQ(recovered.damaged, 1);
}

TEST(SpoolDamage, what_was_delivered_is_not_delivered_at_the_next_start) {
  const SpoolFolder folder;
  const Example example = make_example(folder);
  write_file(folder.path() / "0000000000000001.spool", example.bytes);
  {
    Backlog backlog(folder.settings());
    auto first = backlog.take(at_once());
    auto second = backlog.take(at_once());
    ASSERT_TRUE(first && second);
    backlog.done(std::move(*second));
    backlog.put_back(std::move(*first));
  }
  Backlog backlog(folder.settings());
  EXPECT_EQ(drain(backlog), all_but(1));
}

TEST(SpoolDamage, files_that_are_not_the_spool_s_are_left_alone) {
  const SpoolFolder folder;
  std::filesystem::create_directories(folder.path());
  for (const char* name : {"1.spool", "notes.txt", "x.spool", "0000000000000001.spool.bak"}) {
    write_file(folder.path() / name, "mine");
  }
  {
    Backlog backlog(folder.settings());
    EXPECT_EQ(backlog.waiting(), 0U);
  }
  for (const char* name : {"1.spool", "notes.txt", "x.spool", "0000000000000001.spool.bak"}) {
    EXPECT_EQ(read_file(folder.path() / name), "mine");
  }
}

TEST(SpoolDamage, a_link_or_a_folder_in_a_file_s_place_is_counted_and_passed_over) {
  const SpoolFolder folder;
  const Example example = make_example(folder);
  write_file(folder.path() / "elsewhere", example.bytes);
  std::filesystem::create_symlink(folder.path() / "elsewhere",
                                  folder.path() / "0000000000000001.spool");
  std::filesystem::create_directory(folder.path() / "0000000000000002.spool");
  write_file(folder.path() / "0000000000000003.spool", example.bytes);
  Backlog backlog(folder.settings());
  EXPECT_EQ(counter(backlog, "xrayd_spool_damaged_total"), 2);
  EXPECT_EQ(drain(backlog), all_but(records.size()));
}

}  // namespace
}  // namespace xrayd::backlog
