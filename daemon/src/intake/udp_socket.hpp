// A bound UDP socket with as large a receive buffer as the system grants.
#pragma once

#include <cstdint>

#include "config/address.hpp"

namespace xrayd::intake {

/// Owns a file descriptor.
class FileDescriptor {
 public:
  explicit FileDescriptor(int number = -1) noexcept : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept;
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();

  [[nodiscard]] int get() const noexcept { return number_; }

 private:
  int number_;
};

class UdpSocket {
 public:
  /// Binds; throws StartupError naming the address and the cause.
  explicit UdpSocket(const config::Address& address);

  [[nodiscard]] int get() const noexcept { return socket_.get(); }
  /// Where it is bound, with the port that the system chose if the wanted one was 0.
  [[nodiscard]] const config::Address& local_address() const noexcept { return local_; }
  /// Bytes of receive buffer, in the kernel's count (twice what can be asked for).
  [[nodiscard]] std::uint64_t granted_buffer() const noexcept { return granted_; }
  /// Datagrams that the kernel dropped for this socket so far, because the buffer was full.
  [[nodiscard]] std::uint32_t kernel_drops() const noexcept;

 private:
  FileDescriptor socket_;
  config::Address local_;
  std::uint64_t granted_ = 0;
};

}  // namespace xrayd::intake
