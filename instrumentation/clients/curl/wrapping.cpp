#include "clients/curl/wrapping.hpp"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include "clients/curl/aws_call.hpp"
#include "clients/handle_map.hpp"
#include "clients/never_destroyed.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {
namespace {

/// An easy handle whose call by a multi handle we record.
struct Member {
  void* handle;
  patching::SeenSince since;  ///< it was added
};
using Members = std::vector<Member>;

using MembersOfMultis = HandleMap<Members, OnceUnhooked::kept>;

MembersOfMultis& members() noexcept {
  static NeverDestroyed<MembersOfMultis> map;
  return *map;
}

bool join(void* multi, Member member) noexcept {
  try {
    if (!members().with(multi, [member](Members& known) { known.push_back(member); })) {
      members().put(multi, Members{member});
    }
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void leave(void* multi, void* handle) noexcept {
  bool is_last = false;
  members().with(multi, [handle, &is_last](Members& known) {
    known.erase(std::remove_if(known.begin(), known.end(),
                               [handle](const Member& member) { return member.handle == handle; }),
                known.end());
    is_last = known.empty();
  });
  if (is_last) members().take(multi);
}

/// The call under way by a multi handle, if there is one, has come to an end.
template <typename End>
void end_by_multi(void* handle, Easy* easy, const Functions& functions, End&& end) noexcept {
  if (easy == nullptr || easy->multi == nullptr) return;
  leave(std::exchange(easy->multi, nullptr), handle);
  easy->take_back(handle, functions);
  if (patching::HookChanges::saw_everything(easy->added_since)) {
    end(easy->transfer);
  } else {
    easy->transfer.drop();  // what the handle has done meanwhile was maybe another call
  }
}

void give_up(void* handle, Easy* easy, const Functions& functions) noexcept {
  end_by_multi(handle, easy, functions,
               [&](Transfer& transfer) { transfer.give_up(handle, easy, functions); });
}

}  // namespace

PerformedCall::PerformedCall(void* handle, Tracing tracing, const Functions& functions) noexcept
    : performing_(handle), handle_(handle), easy_(handles::find(handle)), functions_(functions) {
  const KeepErrno errno_kept;
  // One that a multi handle has can't be performed: libcurl will say so.
  if (easy_ != nullptr && easy_->multi != nullptr) {
    easy_ = nullptr;
    handle_ = nullptr;
    return;
  }
  transfer_.begin(handle, easy_, tracing, Lasting::this_call, functions_);
}

PerformedCall::~PerformedCall() {
  const KeepErrno errno_kept;
  take_back();
  transfer_.interrupted();
}

void PerformedCall::take_back() noexcept {
  if (easy_ != nullptr) easy_->take_back(handle_, functions_);
}

void PerformedCall::end(int code) noexcept {
  const KeepErrno errno_kept;
  take_back();
  if (handle_ != nullptr) transfer_.end(handle_, easy_, code, functions_);
}

void after_init(void* handle) noexcept {
  const KeepErrno errno_kept;
  handles::remember(handle, handles::make(patching::HookChanges::now()));
}

void after_reset(void* handle) noexcept {
  const KeepErrno errno_kept;
  Easy* easy = handles::find(handle);
  // Whatever was set before, now nothing is.
  if (easy == nullptr) easy = handles::remember(handle, handles::make(0));
  if (easy != nullptr) easy->reset();
}

void after_duplicate(void* handle, void* copy, const Functions& functions) noexcept {
  const KeepErrno errno_kept;
  const Easy* const easy = handles::find(handle);
  handles::forget(copy);
  if (easy == nullptr) return;
  easy->give_own(copy, functions);
  try {
    handles::remember(copy, easy->duplicate());
  } catch (const std::exception&) {
    return;  // unknown, then
  }
}

std::unique_ptr<Easy> before_cleanup(void* handle, const Functions& functions) noexcept {
  const KeepErrno errno_kept;
  attempts::release_expired();
  std::unique_ptr<Easy> easy = handles::forget(handle);
  give_up(handle, easy.get(), functions);
  return easy;
}

void after_set(void* handle, Easy* easy, int option, OptionValue value) noexcept {
  const KeepErrno errno_kept;
  // A handle from before we were there: of its headers we know from now on.
  if (easy == nullptr && option == option::http_header) {
    easy = handles::remember(handle, handles::make(0));
  }
  if (easy != nullptr) easy->note(option, value);
}

void after_add(void* multi, void* handle, const Functions& functions) noexcept {
  const KeepErrno errno_kept;
  Easy* easy = handles::find(handle);
  give_up(handle, easy, functions);  // taken out of another one unseen
  const Tracing trace = tracing();
  if (trace == Tracing::none) return;
  if (easy == nullptr) easy = handles::remember(handle, handles::make(0));
  if (easy == nullptr) return;
  if (!join(multi, {handle, patching::HookChanges::now()})) return;
  easy->multi = multi;
  easy->added_since = patching::HookChanges::about_now();
  easy->transfer.begin(handle, easy, trace, Lasting::longer, functions);
}

void after_message(void* handle, int code, const Functions& functions) noexcept {
  const KeepErrno errno_kept;
  Easy* const easy = handles::find(handle);
  end_by_multi(handle, easy, functions,
               [&](Transfer& transfer) { transfer.end(handle, easy, code, functions); });
}

void after_remove(void* multi, void* handle, const Functions& functions) noexcept {
  const KeepErrno errno_kept;
  Easy* const easy = handles::find(handle);
  if (easy != nullptr && easy->multi == multi) give_up(handle, easy, functions);
}

void before_multi_cleanup(void* multi, const Functions& functions) noexcept {
  const KeepErrno errno_kept;
  const auto known = members().take(multi);
  if (!known) return;
  for (const Member& member : *known) {
    // Else it may have been closed unseen, and its address be another thread's handle.
    if (!patching::HookChanges::saw_everything(member.since)) continue;
    Easy* const easy = handles::find(member.handle);
    if (easy != nullptr && easy->multi == multi) give_up(member.handle, easy, functions);
  }
}

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
