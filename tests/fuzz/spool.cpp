// Any bytes as a spool file, and a good file with any bytes changed: never a crash, and what is
// given back passed its checksum and is a request.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "backlog/open_batch.hpp"
#include "backlog/spool_file.hpp"
#include "backlog/spool_record.hpp"
#include "config/log.hpp"

namespace {

using namespace xrayd::backlog;

void expect(bool condition) {
  if (!condition) std::abort();
}

/// By the definition, a bit at a time.
std::uint32_t crc_32(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : bytes) {
    crc ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ (0xedb88320U & (0U - (crc & 1U)));
  }
  return ~crc;
}

int memory_file() {
  const int file = ::memfd_create("spool", MFD_CLOEXEC);
  expect(file >= 0);
  return file;
}

std::string read_all(int file) {
  std::string bytes(static_cast<std::size_t>(::lseek(file, 0, SEEK_END)), '\0');
  expect(::pread(file, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  return bytes;
}

const std::string& good_file() {
  static const std::string bytes = [] {
    const int file = memory_file();
    SpoolFile spool("good", file);
    for (const char* document : {"{}", "T1S\n\"", "{\"a\":1}"}) {
      OpenBatch open;
      open.begin({}, {});
      open.add(document);
      open.add("second");
      expect(spool.append(open.seal(), 17) == 0);
    }
    return read_all(file);
  }();
  return bytes;
}

std::string make_bytes(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || data[0] % 2 == 0) {
    return {reinterpret_cast<const char*>(data), size};
  }
  std::string bytes = good_file();
  for (std::size_t i = 1; i + 2 < size; i += 3) {
    const std::size_t at = data[i] * 256U + data[i + 1];
    bytes[at % bytes.size()] = static_cast<char>(data[i + 2]);
  }
  // The header's checksum is made good, so that what it covers is looked at.
  if (data[0] % 4 == 3) {
    const std::uint32_t crc = crc_32(bytes.substr(0, 8) + bytes.substr(12, 20));
    std::memcpy(bytes.data() + 32, &crc, sizeof crc);
  }
  return bytes;
}

void check(const std::string& bytes, const SpoolEntry& entry, const Batch& batch) {
  std::uint32_t crc = 0;
  std::memcpy(&crc, bytes.data() + entry.offset + 20, sizeof crc);
  expect(crc ==
         crc_32(std::string_view(bytes).substr(entry.offset + record_header_size, entry.payload)));
  expect(!batch.documents.empty() && batch.documents.size() <= most_documents);
  std::string again(batch_prefix);
  for (std::size_t i = 0; i < batch.documents.size(); ++i) {
    again += i == 0 ? "\"" : ",\"";
    again += batch.document(i);
    again += '"';
  }
  again += batch_suffix;
  expect(again == batch.body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  xrayd::log::set_level(xrayd::log::Level::error);
  const std::string bytes = make_bytes(data, size);
  const int descriptor = memory_file();
  expect(::pwrite(descriptor, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  SpoolFile file("fuzzed", descriptor);
  const SpoolFile::Found found = file.scan();
  expect(found.error == 0 && found.bytes == bytes.size());
  std::uint64_t end = 0;
  for (const SpoolEntry& entry : found.entries) {
    expect(entry.offset >= end);
    end = entry.offset + record_header_size + entry.payload;
    expect(end <= bytes.size());
    const SpoolFile::Read read = file.read(entry);
    expect(!read.later);
    if (read.batch) check(bytes, entry, *read.batch);
    file.mark_delivered(entry);
  }
  // What is marked is not found again, and all else is as it was.
  expect(file.scan().entries.empty());
  expect(read_all(descriptor).size() == bytes.size());
  return 0;
}
