"""A FastAPI backend in the manner of the robust backend guide: it says when it is degraded, heals its own database
connections, and ends gracefully. `uvicorn main:app` starts it; everything it needs to know is in the environment."""

import asyncio
import logging
import os
import signal
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timezone

import uvicorn
from fastapi import FastAPI, HTTPException, Request, WebSocket, WebSocketDisconnect
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import create_async_engine

log = logging.getLogger("uvicorn.error").getChild("mediaposter")  # one line each, where uvicorn's own go

ENVIRONMENT = os.environ.get("ENVIRONMENT", "development")
DATABASE_URL = os.environ.get("DATABASE_URL", "postgresql://postgres:postgres@127.0.0.1:5432/postgres")
CORS_ORIGINS = os.environ.get("CORS_ORIGINS", "http://localhost:3000").split(",")
START_TRIES = 5  # the guide's: 2, 4, 8 and 16 s apart, then degraded
DATABASE_ERRORS = (OSError, asyncio.TimeoutError, DBAPIError, PoolTimeout)
HEALTH_TIMEOUT = 2.0  # seconds; below the prober's own, so that a hung database is a 503 and no hang

engine = create_async_engine(
    "postgresql+asyncpg://" + DATABASE_URL.split("://", 1)[1],
    pool_pre_ping=True,  # a connection is tested before it is handed out: a restarted database needs no restart here
    pool_size=5,
    max_overflow=10,
    pool_timeout=2,
    connect_args={"timeout": 2, "command_timeout": 8},
)
schema_ready = asyncio.Event()
sockets: set[WebSocket] = set()


# --- start and stop ---------------------------------------------------------------------------------------------------


async def prepare_database() -> None:
    """Makes the schema. Gives up being hopeful after START_TRIES, but never stops trying: until then the health is 503."""
    delay, tries = 2.0, 0
    while True:
        tries += 1
        try:
            async with engine.begin() as connection:
                await connection.execute(
                    text("CREATE TABLE IF NOT EXISTS posts (id serial PRIMARY KEY, title text NOT NULL)")
                )
            schema_ready.set()
            log.info("database ready")
            return
        except DATABASE_ERRORS as error:
            if tries < START_TRIES:
                log.warning("database not ready (try %d of %d), again in %.0f s: %r", tries, START_TRIES, delay, error)
            elif tries == START_TRIES:
                log.error("database not ready after %d tries: serving degraded, and going on trying: %r", tries, error)
        await asyncio.sleep(delay)
        delay = min(delay * 2, 16.0)


@asynccontextmanager
async def lifespan(_: FastAPI):
    preparing = asyncio.create_task(prepare_database())  # beside the serving, so that the health can be asked meanwhile
    yield
    preparing.cancel()
    with suppress(asyncio.CancelledError):
        await preparing
    await engine.dispose()
    log.info("database connections closed")


async def close_sockets() -> None:
    closing = [socket.close(code=1001) for socket in sockets]
    sockets.clear()
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(asyncio.gather(*closing, return_exceptions=True), 1.0)


uvicorn_handle_exit = uvicorn.Server.handle_exit
stopping: list[asyncio.Task] = []


def handle_exit(server: uvicorn.Server, signum: int, frame) -> None:
    """Closes the WebSockets with 1001 before uvicorn shuts down. Up to 0.17 it would drop them without a word; from 0.29 it
    does not come here (its handlers are in place before this file is loaded) and closes them with 1012 by itself."""

    async def close_then_exit() -> None:
        await close_sockets()
        uvicorn_handle_exit(server, signal.SIGTERM, frame)

    if stopping:  # under --reload the reloader and PM2 send one each
        return uvicorn_handle_exit(server, signum, frame)
    stopping.append(asyncio.get_running_loop().create_task(close_then_exit()))


uvicorn.Server.handle_exit = handle_exit

app = FastAPI(title="MediaPoster backend", version="1.0.0")
app.router.lifespan_context = lifespan  # from FastAPI 0.93 on: FastAPI(..., lifespan=lifespan); before, that is ignored


# --- errors: always JSON, always with CORS headers --------------------------------------------------------------------


@app.middleware("http")
async def answer_every_error(request: Request, call_next):
    """Inside the CORS middleware, unlike FastAPI's own handler for Exception, whose answers carry no CORS headers."""
    try:
        return await call_next(request)
    except DATABASE_ERRORS as error:
        log.warning("%s %s: no database: %r", request.method, request.url.path, error)
        return JSONResponse({"detail": "The database does not answer."}, 503, headers={"Retry-After": "2"})
    except Exception:
        log.exception("%s %s", request.method, request.url.path)
        return JSONResponse({"detail": "Internal server error."}, 500)


app.add_middleware(CORSMiddleware, allow_origins=CORS_ORIGINS, allow_methods=["*"], allow_headers=["*"])


# --- health -----------------------------------------------------------------------------------------------------------


async def ask_database() -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


async def services() -> dict[str, str]:
    if not schema_ready.is_set():
        return {"database": "unhealthy: not initialised yet", "api": "healthy"}
    try:
        await asyncio.wait_for(ask_database(), HEALTH_TIMEOUT)
        return {"database": "healthy", "api": "healthy"}
    except DATABASE_ERRORS as error:
        return {"database": f"unhealthy: {type(error).__name__}", "api": "healthy"}


async def health(about: dict[str, str]) -> JSONResponse:
    found = await services()
    well = all(state == "healthy" for state in found.values())
    body = {"status": "healthy" if well else "degraded", **about, "timestamp": datetime.now(timezone.utc).isoformat()}
    return JSONResponse({**body, "services": found}, 200 if well else 503)


@app.get("/health")
async def basic_health():
    return await health({"environment": ENVIRONMENT})


@app.get("/api/health")
async def api_health():
    return await health({"api_version": app.version})


# --- the work ---------------------------------------------------------------------------------------------------------


class NewPost(BaseModel):
    title: str


@app.get("/")
async def root():
    return {"name": app.title, "docs": "/docs"}


@app.get("/api/posts")
async def list_posts():
    async with engine.connect() as connection:
        return [dict(row._mapping) for row in await connection.execute(text("SELECT id, title FROM posts ORDER BY id"))]


@app.post("/api/posts", status_code=201)
async def add_post(post: NewPost):
    if not post.title.strip():
        raise HTTPException(422, "A post needs a title.")
    async with engine.begin() as connection:
        new = text("INSERT INTO posts (title) VALUES (:title) RETURNING id")
        return {"id": (await connection.execute(new, {"title": post.title})).scalar_one(), "title": post.title}


@app.websocket("/ws")
async def echo(socket: WebSocket):
    await socket.accept()
    sockets.add(socket)
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        pass
    finally:
        sockets.discard(socket)
