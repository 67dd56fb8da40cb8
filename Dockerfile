# The operator's image, with a container engine: docker build --tag fluid-operator .
# `make image` builds the same without one.
FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends make python3 python3-venv
WORKDIR /src
COPY . .
RUN make venv && .venv/bin/python -m cluster.image --app /app

FROM debian:bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends libstdc++6 python3 && rm -rf /var/lib/apt/lists/*
COPY --from=build /app /
USER 65532:65532
ENTRYPOINT ["/usr/bin/fluid"]
CMD ["run"]
