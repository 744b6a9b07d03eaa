# The same programs once more, with a client library of their own inside.
# xray_linked_client_test(<name> <client> SOURCE file TEST test LIBRARIES ...)
function(xray_linked_client_test name client)
  cmake_parse_arguments(arg "" "SOURCE;TEST" "LIBRARIES" ${ARGN})
  add_executable(${name}_program ${arg_SOURCE})
  xray_target(${name}_program 20)
  target_link_libraries(${name}_program PRIVATE xray::sdk ${arg_LIBRARIES})
  xray_patch(${name}_program ${client})
  xray_client_test(${name} PROGRAM ${name}_program TEST ${arg_TEST})
  # Such a program is traced before it says patch_all().
  set_property(TEST client_${name} APPEND PROPERTY ENVIRONMENT TRACED_FROM_THE_START=1)
endfunction()
include(XrayPatch)
find_library(XRAY_SQLITE_ARCHIVE libsqlite3.a REQUIRED)
xray_linked_client_test(linked_sqlite sqlite3 SOURCE sqlite_program.cpp TEST sqlite
  LIBRARIES ${XRAY_SQLITE_ARCHIVE} m)
find_library(XRAY_MARIADB_ARCHIVE libmariadbclient.a REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
xray_linked_client_test(linked_mariadb mariadb SOURCE mysql_program.cpp TEST mysql
  LIBRARIES ${XRAY_MARIADB_ARCHIVE} OpenSSL::SSL ZLIB::ZLIB m)
target_include_directories(linked_mariadb_program PRIVATE ${XRAY_LIBMARIADB_INCLUDE_DIRS})
find_library(XRAY_HIREDIS_ARCHIVE libhiredis.a REQUIRED)
xray_linked_client_test(linked_redis redis SOURCE redis_program.cpp TEST redis
  LIBRARIES ${XRAY_HIREDIS_ARCHIVE})
target_include_directories(linked_redis_program PRIVATE
  ${PROJECT_SOURCE_DIR}/tests/unit/instrumentation/clients/redis)
# Debian's libpq.a lacks what it needs itself; calls of the shared one are led away as well.
xray_linked_client_test(linked_postgresql postgresql SOURCE postgresql_program.cpp TEST postgresql
  LIBRARIES PostgreSQL::PostgreSQL)
# What libcurl.a needs is there as far as libcurl.so needs it, too: without headers.
find_library(XRAY_CURL_ARCHIVE libcurl.a REQUIRED)
set(libraries ${XRAY_CURL_ARCHIVE})
foreach(library IN ITEMS nghttp2:14 idn2:0 rtmp:1 ssh2:1 psl:5 gssapi_krb5:2 lber-2.5:0 ldap-2.5:0
    zstd:1 brotlidec:1)
  string(REPLACE ":" ";" parts ${library})
  list(GET parts 0 stem)
  list(GET parts 1 version)
  find_library(XRAY_CURL_NEEDS_${stem} NAMES lib${stem}.so.${version} REQUIRED)
  list(APPEND libraries ${XRAY_CURL_NEEDS_${stem}})
endforeach()
list(APPEND libraries OpenSSL::SSL ZLIB::ZLIB)
xray_linked_client_test(linked_curl curl SOURCE curl_program.cpp TEST curl LIBRARIES ${libraries})
# One that says nothing at all, not even patch_all().
xray_linked_client_test(linked_alone curl SOURCE linked_alone_program.cpp TEST linked_alone
  LIBRARIES ${libraries})
