FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# Railway passes the commit under its own name.
ARG RAILWAY_GIT_COMMIT_SHA
ARG VERSION=${RAILWAY_GIT_COMMIT_SHA:-unknown}
RUN make build VERSION="$VERSION" && mkdir data

# Nothing but the program: no shell, no libraries, nobody but one user without a name.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/bin/digitalpath /
COPY --from=build --chown=65532:65532 /src/data /data
COPY --from=build --chown=65532:65532 /src/data /tmp
# .env, an SQLite file and var/ are looked for here.
WORKDIR /data
USER 65532:65532
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/digitalpath", "health"]
ENTRYPOINT ["/digitalpath"]
CMD ["serve"]
