#include "clients/curl/client.hpp"

#include "clients/curl/easy_wrappers.hpp"
#include "clients/curl/multi_wrappers.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {

patching::Client client() {
  return patching::make_client<EasyInit, EasyCleanup, EasyReset, EasyDuphandle, EasySetopt,
                               EasyPerform, MultiAddHandle, MultiRemoveHandle, MultiInfoRead,
                               MultiCleanup, EasyGetinfo, EasyNextheader, EasyStrerror, UrlGet,
                               Free>("curl",
                                     {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl-nss.so.4"});
}

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
